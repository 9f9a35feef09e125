//! The schemas in the repository are those of the types.

use std::fs;
use std::path::Path;

use protocol::schema::{client_schema, server_schema};

#[test]
fn the_schemas_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    for (name, schema) in [
        ("client.json", client_schema()),
        ("server.json", server_schema()),
    ] {
        let path = folder.join(name);
        if std::env::var_os("BITFORT_BLESS").is_some() {
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(&path, &schema).expect("the schema can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        // As values: the order of names depends on who else in the workspace uses serde_json.
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        assert!(
            value(&kept) == value(&schema),
            "{name} is not that of the types; run: BITFORT_BLESS=1 cargo test -p protocol --test schema"
        );
    }
}
