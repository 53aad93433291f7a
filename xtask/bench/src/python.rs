//! An environment of Python with the packages that a bench compares with. What is done there is for the bench.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, at};

/// The interpreter of an environment with the required packages. What is installed is compared by a copy of the
/// requirements that is left beside it. Both paths are seen from the root.
pub(crate) fn environment(root: &Path, venv: &str, requirements: &str) -> Result<PathBuf, Error> {
    let folder = root.join(venv);
    let python = folder.join("bin/python");
    let requirements = root.join(requirements);
    let wanted = fs::read(&requirements).map_err(at(&requirements))?;
    let installed = folder.join("requirements.txt");
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    eprintln!("installing the peers into {venv}");
    program(Path::new("python3"), &["-m", "venv", "--clear", &folder.to_string_lossy()])
        .map_err(|error| Error::Python(error.to_string()))?;
    let list = requirements.to_string_lossy();
    program(&python, &["-m", "pip", "install", "--quiet", "--requirement", &list])?;
    fs::write(&installed, wanted).map_err(at(&installed))?;
    Ok(python)
}

/// Runs a program to its end, which must be a good one.
pub(crate) fn program(program: &Path, arguments: &[&str]) -> Result<(), Error> {
    let output = Command::new(program).args(arguments).output().map_err(at(program))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let stderr = String::from_utf8_lossy(&said).into_owned();
    Err(Error::Failed { program: program.display().to_string(), stderr })
}
