//! The operators' secret: whoever knows it is an operator.

/// The operators' secret.
pub(crate) const ADMIN_SECRET: &str = "ADMIN_SECRET";

/// Characters of it at least. Of 16 random letters and digits there are 2^95, which nobody tries out.
const SECRET_CHARS_MIN: usize = 16;

/// The operators' secret, as far as there is one.
pub(crate) enum Secret {
    /// There are no operators.
    None,
    /// It can be guessed, so nobody is an operator.
    Short,
    /// Whoever has it is an operator.
    Set(String),
}

impl Secret {
    /// As the setting says it.
    pub(crate) fn new(setting: Option<String>) -> Self {
        match setting {
            None => Self::None,
            Some(secret) if secret.trim().chars().count() < SECRET_CHARS_MIN => Self::Short,
            Some(secret) => Self::Set(secret.trim().to_owned()),
        }
    }

    /// What an operator must know of it.
    pub(crate) fn warning(&self) -> Option<String> {
        matches!(self, Self::Short).then(|| {
            format!(
                "{ADMIN_SECRET} has fewer than {SECRET_CHARS_MIN} characters, so the operators' routes are shut: put a \
                 longer one, such as `openssl rand -hex 32` makes"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_can_be_guessed_is_none() {
        let secret = |text: &str| Secret::new(Some(text.to_owned()));
        for short in [
            "x1",
            "0123456789abcde",
            "  0123456789abcde  ",
            "äöüäöüäöüäöüäöü",
        ] {
            assert!(matches!(secret(short), Secret::Short), "{short:?}");
            let told = secret(short).warning();
            assert!(told.is_some_and(|told| !told.contains(short.trim())));
        }
        for long in ["0123456789abcdef", " 0123456789abcdef\n"] {
            assert!(matches!(secret(long), Secret::Set(set) if set == "0123456789abcdef"));
            assert_eq!(secret(long).warning(), None);
        }
        assert!(matches!(Secret::new(None), Secret::None));
    }
}
