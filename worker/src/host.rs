//! Where Clerk is: its publishable key says so.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// With padding or without, as browsers read it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The host that a publishable key names: `pk_test_` or `pk_live_`, and then the host and a dollar in base64. The page
/// reads it in the same way, in `game-client/web/src/host.ts`.
pub(crate) fn host_of(key: &str) -> Option<String> {
    let coded = key
        .strip_prefix("pk_test_")
        .or_else(|| key.strip_prefix("pk_live_"))?;
    let text = String::from_utf8(BASE64.decode(coded).ok()?).ok()?;
    let host = text.strip_suffix('$')?;
    let of_host =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    (!host.is_empty() && host.bytes().all(of_host)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publishable_key_names_its_host_and_nothing_else() {
        for key in [
            "pk_test_Y2xlcmsuYml0Zm9ydC50ZXN0JA",
            "pk_live_Y2xlcmsuYml0Zm9ydC50ZXN0JA==",
        ] {
            assert_eq!(host_of(key).as_deref(), Some("clerk.bitfort.test"), "{key}");
        }
        for key in [
            "",
            "pk_test_",
            // clerk.bitfort.test without the dollar; a/b$; a;b$; a b$; $
            "pk_test_Y2xlcmsuYml0Zm9ydC50ZXN0",
            "pk_test_YS9iJA",
            "pk_test_YTtiJA",
            "pk_test_YSBiJA",
            "pk_test_JA",
            "sk_test_Y2xlcmsuYml0Zm9ydC50ZXN0JA",
            "pk_test_***",
        ] {
            assert_eq!(host_of(key), None, "{key}");
        }
    }
}
