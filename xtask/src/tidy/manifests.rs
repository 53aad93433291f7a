//! Rules for the manifests of the crates: versions stand in the root's alone, and every
//! crate has the workspace's lints. Which crate may need which is in `crates`.

use super::{File, Finding};

/// Looks at one manifest. One that opens a workspace of its own (the root, a fuzz
/// crate, which cargo-fuzz keeps outside) inherits from nobody.
pub(super) fn check(file: &File) -> Vec<Finding> {
    if file.text.lines().any(|line| line.trim() == "[workspace]") {
        return Vec::new();
    }
    let mut findings = check_versions(file);
    if !file.text.contains("[lints]\nworkspace = true") {
        let what =
            "the workspace's lints are not inherited: write `[lints]` and `workspace = true`";
        findings.push(Finding::new(&file.path, 1, what));
    }
    findings
}

fn check_versions(file: &File) -> Vec<Finding> {
    let mut section = "";
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        } else if is_own_version(section, line) {
            let what = "a version stands in the root manifest only: write `workspace = true` here";
            findings.push(Finding::new(&file.path, index + 1, what));
        }
    }
    findings
}

/// Whether the line gives a version, of the package or of a dependency.
fn is_own_version(section: &str, line: &str) -> bool {
    let Some((key, value)) = line.split_once('=') else { return false };
    let (key, value) = (key.trim(), value.trim());
    let last = section.rsplit('.').next().unwrap_or_default();
    if last.ends_with("dependencies") {
        // `name = "1"`, or a table that names anything but the workspace.
        return !key.ends_with(".workspace") && !value.replace(' ', "").contains("workspace=true");
    }
    // `[dependencies.name]`, or the package itself.
    key == "version" && (section == "package" || section.contains("dependencies."))
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    #[test]
    fn versions_and_lints() {
        let text = "[package]\nversion.workspace = true\nname = \"x\"\n[lints]\nworkspace = true\n\
                    [dependencies]\nserde.workspace = true\nureq = { workspace = true, optional = true }\n\
                    [[bench]]\nharness = false\n";
        assert_eq!(findings_of(check, "crates/x/Cargo.toml", text), []);
        let own = "[workspace]\n[dependencies]\nlibfuzzer-sys = \"0.4\"\n";
        assert_eq!(findings_of(check, "crates/x/fuzz/Cargo.toml", own), []);
    }

    #[test]
    fn untidy_manifests() {
        let text = "[package]\nversion = \"1.0.0\"\n[dependencies]\nserde = \"1\" # x\n\
                    ureq = { version = \"3\" }\n[dev-dependencies.syn]\nversion = \"3\"\n\
                    [target.'cfg(unix)'.dependencies]\nlibc = { path = \"x\" }\n";
        let found = findings_of(check, "crates/x/Cargo.toml", text);
        let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 4, 5, 7, 9, 1], "{found:?}");
        assert!(found[5].1.contains("lints"));
    }
}
