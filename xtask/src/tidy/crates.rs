//! The order of the crates, by what cargo says of their dependencies. Dependencies for
//! tests alone are free: a test may look at anything.

use serde_json::Value;

use super::{File, Finding};

/// Every package of the workspace, and those of them that it may need.
const LAYERS: [(&str, &[&str]); 9] = [
    ("exacta", &[]),
    ("exacta-scan", &["exacta"]),
    ("exacta-api", &["exacta"]),
    ("exacta-jobs", &["exacta"]),
    ("exacta-client", &[]),
    ("exacta-server", &["exacta", "exacta-api", "exacta-jobs", "exacta-scan"]),
    (
        "exacta-cli",
        &["exacta", "exacta-api", "exacta-client", "exacta-jobs", "exacta-scan", "exacta-server"],
    ),
    ("xtask", &["exacta-server"]),
    ("xtask-bench", &["exacta", "exacta-client", "exacta-scan"]),
];

/// Compares the output of `cargo metadata --no-deps` with the layers.
pub(super) fn check(metadata: &Value, manifests: &[File]) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let names: Vec<_> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    packages.iter().flat_map(|package| check_package(package, &names, manifests)).collect()
}

fn check_package(package: &Value, names: &[&str], manifests: &[File]) -> Vec<Finding> {
    let path = package["manifest_path"].as_str().unwrap_or_default().replace('\\', "/");
    let name = package["name"].as_str().unwrap_or_default();
    let manifest = manifests.iter().find(|file| path.ends_with(&format!("/{}", file.path)));
    let path = manifest.map_or(path.as_str(), |file| &file.path);
    let Some((_, allowed)) = LAYERS.iter().find(|(known, _)| *known == name) else {
        let what = format!("package `{name}` has no place among the layers: it is not on the map");
        return vec![Finding::new(path, 1, what)];
    };
    let needs = needs(package).filter(|need| names.contains(need) && !allowed.contains(need));
    let finding = |need: &str| {
        let what =
            format!("`{name}` must not need `{need}`: the layers allow [{}]", allowed.join(", "));
        Finding::new(path, line_of(manifest, need), what)
    };
    needs.map(finding).collect()
}

/// What a package needs to be built, tests aside.
fn needs(package: &Value) -> impl Iterator<Item = &str> {
    let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
    let built = dependencies.iter().filter(|dependency| dependency["kind"] != "dev");
    built.filter_map(|dependency| dependency["name"].as_str())
}

fn line_of(manifest: Option<&File>, name: &str) -> usize {
    let is_entry =
        |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
    let lines = manifest.map_or("", |file| &file.text).lines();
    lines.map(str::trim_start).position(is_entry).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn layers() {
        let dependency = |name: &str, kind: Value| json!({"name": name, "kind": kind});
        let package = |name: &str, dependencies: Value| json!({"name": name, "manifest_path": format!("/r/{name}/Cargo.toml"), "dependencies": dependencies});
        let metadata = json!({"packages": [
            package("exacta", json!([dependency("rayon", Value::Null), dependency("exacta-scan", json!("dev"))])),
            package("exacta-scan", json!([dependency("exacta", Value::Null), dependency("exacta-api", json!("build"))])),
            package("exacta-api", json!([dependency("exacta", Value::Null)])),
            package("exacta-client", json!([dependency("exacta-api", Value::Null)])),
            package("exacta-attic", json!([])),
        ]});
        let text = "[package]\n[dependencies]\nexacta-api.workspace = true\n".to_owned();
        let manifest = File { path: "exacta-client/Cargo.toml".to_owned(), text };
        let found = check(&metadata, &[manifest]);
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(
            found[0],
            "/r/exacta-scan/Cargo.toml:1: `exacta-scan` must not need `exacta-api`: the layers allow [exacta]"
        );
        assert_eq!(
            found[1],
            "exacta-client/Cargo.toml:3: `exacta-client` must not need `exacta-api`: the layers allow []"
        );
        assert!(found[2].contains("`exacta-attic` has no place"), "{found:?}");
    }
}
