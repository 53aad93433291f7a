//! `exacta submit`: a file becomes a job of a service, and with `--wait` its result is shown as `exacta
//! stats` would have shown it. How a job is waited for is in `follow`.

use std::slice;

use crate::advice;
use crate::answer::Answer;
use crate::args::{Format, OutputArguments, SubmitArguments, yielding};
use crate::asked::Asked;
use crate::error::Error;
use crate::follow::follow;
use crate::input::{self, Input};
use crate::output::{self, Target};
use crate::progress::Reading;
use crate::service::Service;
use crate::text::one_line;

/// Submits the file, and shows the job or follows it to its end.
pub(crate) fn run(arguments: &SubmitArguments) -> Result<(), Error> {
    let input = Input::one(arguments.file.as_deref())?;
    let OutputArguments { format, is_general, file } = &arguments.output;
    let is_of_jobs = |format| file.is_none() && matches!(format, Format::Table | Format::Json);
    let (asked, format) = yielding(*format, *is_general, |format| {
        if !arguments.wait && !is_of_jobs(format) {
            return Err(Error::NoResult);
        }
        Asked::in_format(&arguments.question, format)
    })?;
    let target = Target::new(file.as_deref(), slice::from_ref(&input))?;
    let service = Service::new(&arguments.server)?;
    let reading = Reading::new(input::length(slice::from_ref(&input)));
    let said = asked.is_delimited().then_some(exacta_scan::Format::Csv);
    let sent = input.open_to_send(said)?;
    sent.check_submitted(&input)?;
    let delimiter = sent.delimiter();
    let job = service
        .client
        .submit_job_csv(sent.opened.counted(&reading).body(), &asked.job_params(delimiter))
        .map_err(|source| Error::Service { input: input.name(), source })?;
    drop(reading);
    if arguments.wait {
        let answer = Answer::from(follow(&service, &job.id, &input.name())?);
        asked.warn(&input, &answer, true);
        advice::warn_nonfinite(&answer);
        let answer = answer.about(input::names(&[input]));
        return answer.write(&asked.headings(), format, &target);
    }
    if format == Format::Json {
        return output::print_json(&job);
    }
    output::print(&format!("{}\n", one_line(&job.id)))
}
