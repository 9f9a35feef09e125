//! Keys that sign, and the JSON that Clerk gives of them.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

/// An RSA key of 2048 bits with a `kid`.
#[derive(Debug)]
pub struct SigningKey {
    id: &'static str,
    pair: RsaKeyPair,
}

impl SigningKey {
    /// The key that an instance has.
    #[must_use]
    pub fn first() -> &'static Self {
        static KEY: LazyLock<SigningKey> =
            LazyLock::new(|| SigningKey::read("ins_first", include_bytes!("../keys/first.pk8")));
        &KEY
    }

    /// The key that it has after a rotation.
    #[must_use]
    pub fn second() -> &'static Self {
        static KEY: LazyLock<SigningKey> =
            LazyLock::new(|| SigningKey::read("ins_second", include_bytes!("../keys/second.pk8")));
        &KEY
    }

    fn read(id: &'static str, der: &[u8]) -> Self {
        let pair = RsaKeyPair::from_pkcs8(der).expect("the key files are PKCS #8 keys");
        Self { id, pair }
    }

    /// The `kid`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The modulus, base64url.
    #[must_use]
    pub fn n(&self) -> String {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        URL_SAFE_NO_PAD.encode(public.n)
    }

    /// The public half, as it stands in a JWKS.
    #[must_use]
    pub fn jwk(&self) -> String {
        let (id, n) = (self.id, self.n());
        format!(r#"{{"use":"sig","kty":"RSA","kid":"{id}","alg":"RS256","n":"{n}","e":"AQAB"}}"#)
    }

    /// Signs by RSASSA-PKCS1-v1_5 with SHA-256.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .expect("the buffer is as long as the modulus");
        signature
    }
}
