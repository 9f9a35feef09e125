//! RS256 by the platform's WebCrypto.

use identity::{SignatureNeeded, Verdict};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

/// Whether the signature is that of the key. Unknown when the platform could not say.
pub(crate) async fn check(asked: &SignatureNeeded) -> Verdict {
    match verify(asked).await {
        Ok(Some(true)) => Verdict::Genuine,
        Ok(Some(false)) => Verdict::Forged,
        Ok(None) | Err(_) => Verdict::Unknown,
    }
}

async fn verify(asked: &SignatureNeeded) -> Result<Option<bool>, JsValue> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    let subtle: SubtleCrypto = Reflect::get(&crypto, &"subtle".into())?.unchecked_into();
    let algorithm = object(&[("name", "RSASSA-PKCS1-v1_5"), ("hash", "SHA-256")])?;
    let key = asked.key();
    let jwk = object(&[("kty", "RSA"), ("n", key.n()), ("e", key.e())])?;
    let usages = Array::of1(&"verify".into());
    let imported = subtle.import_key_with_object("jwk", &jwk, &algorithm, false, &usages)?;
    let key: CryptoKey = JsFuture::from(imported).await?.unchecked_into();
    let verified = subtle.verify_with_object_and_u8_array_and_u8_array(
        &algorithm,
        &key,
        asked.signature(),
        asked.message(),
    )?;
    Ok(JsFuture::from(verified).await?.as_bool())
}

fn object(fields: &[(&str, &str)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), &(*value).into())?;
    }
    Ok(object)
}
