//! `cargo xtask bench service`: what a request costs beside a call, and what the service
//! bears, beside a service of the same contract in Go. Builds, starts and measures; the
//! words of the page are in `page.md`, and what fills them is in `page`.

mod input;
mod latency;
mod load;
mod page;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

use crate::error::{Error, at};
use crate::machine;
use crate::server::Server;
use input::Input;
use latency::Latency;
use load::Load;

const PAGE: &str = "docs/bench/service.md";
const SCRIPT: &str = "xtask/bench/src/service/wrk.lua";
const GO_MODULE: &str = "examples/go-bridge";
/// Where Go is when it is not on the path.
const GO_HOME: &str = "/usr/local/go/bin/go";

/// How much is measured.
struct Extent {
    sizes: &'static [usize],
    /// Rounds of one caller, and of large inputs.
    n_rounds: usize,
    n_rounds_large: usize,
    /// Rounds of load and how many seconds each run takes, and the same for large inputs.
    load: (usize, u32),
    load_large: (usize, u32),
}

/// From how many numbers on an input is large: a request then takes a good part of a second.
const LARGE: usize = 1_000_000;

/// Four minutes at most, on two cores.
const FULL: Extent = Extent {
    sizes: &[10, 100, 10_000, LARGE],
    n_rounds: 41,
    n_rounds_large: 11,
    load: (3, 1),
    load_large: (2, 8),
};

const QUICK: Extent = Extent {
    sizes: &[10, 10_000],
    n_rounds: 5,
    n_rounds_large: 1,
    load: (1, 1),
    load_large: (1, 1),
};

/// The programs that answer.
struct Services {
    /// `exacta`, as a command.
    program: PathBuf,
    exacta: Server,
    /// None where Go is not installed.
    go: Option<Server>,
}

/// What was measured of one size.
struct Measured {
    n_numbers: usize,
    latencies: Vec<Latency>,
    /// None where wrk is not installed.
    loads: Option<Vec<Load>>,
}

/// Measures and writes the page, or prints it when it is quick.
pub(crate) fn run(root: &Path, is_quick: bool) -> Result<(), Error> {
    let extent = if is_quick { QUICK } else { FULL };
    let mut facts = machine::facts(root);
    let go = go();
    let wrk = wrk();
    facts.push((
        "go",
        go.as_ref().map_or(page::NO_GO.to_owned(), |go| machine::said(go, &["version"])),
    ));
    facts.push(("wrk", wrk.clone().unwrap_or(page::NO_WRK.to_owned())));
    let folder = TempDir::new().map_err(at(env::temp_dir()))?;
    let services = Services::start(root, go.as_deref(), folder.path())?;
    let mut measured = Vec::new();
    for n_numbers in extent.sizes {
        eprintln!("{n_numbers} numbers");
        let input = Input::new(*n_numbers, folder.path())?;
        measured.push(measure(
            &input,
            &services,
            &extent,
            wrk.is_some().then(|| root.join(SCRIPT)),
        )?);
    }
    let page = page::render(&facts, &extent, &measured);
    if is_quick {
        print!("{page}");
        return Ok(());
    }
    write(&root.join(PAGE), &page)
}

fn write(path: &Path, page: &str) -> Result<(), Error> {
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(at(path))?;
    fs::write(path, page).map_err(at(path))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn measure(
    input: &Input,
    services: &Services,
    extent: &Extent,
    script: Option<PathBuf>,
) -> Result<Measured, Error> {
    let n_numbers = input.values.len();
    let (n_rounds, load) = extent.of(n_numbers);
    let latencies = latency::measure(input, services, n_rounds)?;
    let loads = script.map(|script| load::measure(input, services, &script, load)).transpose()?;
    Ok(Measured { n_numbers, latencies, loads })
}

impl Extent {
    fn of(&self, n_numbers: usize) -> (usize, (usize, u32)) {
        if n_numbers < LARGE {
            (self.n_rounds, self.load)
        } else {
            (self.n_rounds_large, self.load_large)
        }
    }
}

impl Services {
    /// Starts the services; the Go program is built into the folder.
    fn start(root: &Path, go: Option<&Path>, folder: &Path) -> Result<Self, Error> {
        let this = env::current_exe().map_err(at("xtask-bench"))?;
        // `cargo xtask bench` has built it before, into the folder of this program.
        let program = this.with_file_name("exacta");
        let mut exacta = Command::new(&program);
        exacta.args(["serve", "--listen", "127.0.0.1:0"]);
        let exacta = Server::start(exacta)?;
        let go = go.map(|go| start_go(root, go, folder)).transpose()?;
        Ok(Self { program, exacta, go })
    }
}

fn start_go(root: &Path, go: &Path, folder: &Path) -> Result<Server, Error> {
    let program = folder.join("server");
    let mut build = Command::new(go);
    build.current_dir(root.join(GO_MODULE)).args(["build", "-o"]).arg(&program).arg("./cmd/server");
    let output = build.env("GOTOOLCHAIN", "local").env("GOPROXY", "off").output();
    let output = output.map_err(at(go))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Failed { program: "go build".to_owned(), stderr });
    }
    let mut server = Command::new(program);
    server.args(["-listen", "127.0.0.1:0"]);
    Server::start(server)
}

/// The Go that is installed.
fn go() -> Option<PathBuf> {
    let is_there = |go: &Path| {
        let mut command = Command::new(go);
        command.arg("version").output().is_ok_and(|output| output.status.success())
    };
    [PathBuf::from("go"), PathBuf::from(GO_HOME)].into_iter().find(|go| is_there(go))
}

/// The version of the wrk that is installed.
fn wrk() -> Option<String> {
    // It has no better word for the end of an answer about itself than 1.
    let mut command = Command::new("wrk");
    command.arg("--version").stdin(Stdio::null()).output().ok()?;
    let said = machine::said("wrk", &["--version"]);
    Some(said.split(" [").next().unwrap_or(&said).to_owned())
}
