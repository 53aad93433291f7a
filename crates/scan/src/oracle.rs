//! Python for the tests that take it for their oracle, of the command too: it shares no code with what it is
//! asked about. What it is asked stands in the tests.

use std::process::Command;

/// Set where a test without its oracle is to fail. A test that is skipped passes, and nobody sees it.
const REQUIRE: &str = "EXACTA_REQUIRE_ORACLES";

/// Succeeds where Python is new enough: `statistics` rounds its roots correctly since 3.11.
const PROBE: &str = "import sys; sys.exit(sys.version_info < (3, 11))";

/// Python, where the machine has one that is new enough.
pub(crate) fn python() -> Option<Command> {
    let probe = Command::new("python3").args(["-c", PROBE]).output();
    let works = probe.is_ok_and(|output| output.status.success());
    assert!(works || std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set: install Python 3.11");
    if !works {
        eprintln!("SKIPPED: there is no Python 3.11 on this machine");
    }
    works.then(|| Command::new("python3"))
}
