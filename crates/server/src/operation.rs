//! What the document says of an operation, held against a request before its handler is asked:
//! which kinds of answer there are, and whether there must be a body.
//!
//! What can be refused of any request is in [`head`](crate::head).

use axum::extract::Request;
use hyper::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use hyper::{Method, Version};
use matchit::Router;
use mediatype::MediaTypeBuf;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

use crate::accept;
use crate::problem::Refusal;

/// The paths of the document, found as axum finds its routes.
#[derive(Default)]
pub(crate) struct Operations(Router<Route>);

/// A path and its operations.
pub(crate) struct Route {
    template: String,
    get: Option<Terms>,
    post: Option<Terms>,
}

/// What an operation asks of its requests.
struct Terms {
    /// The kinds of answer that there are to a request that succeeds.
    answers: Vec<MediaTypeBuf>,
    needs_body: bool,
}

impl Operations {
    pub(crate) fn new(document: &OpenApi) -> Self {
        let mut routes = Router::new();
        for (path, item) in &document.paths.paths {
            routes.insert(path, Route::new(path, item)).expect("axum has routed them, too");
        }
        Self(routes)
    }

    /// The path of the document that an address has.
    pub(crate) fn find(&self, path: &str) -> Option<&Route> {
        self.0.at(path).ok().map(|found| found.value)
    }
}

impl Route {
    fn new(path: &str, item: &PathItem) -> Self {
        let terms = |operation: &Option<Operation>| operation.as_ref().map(Terms::new);
        Self { template: path.to_owned(), get: terms(&item.get), post: terms(&item.post) }
    }

    /// The path as the document writes it.
    pub(crate) fn template(&self) -> &str {
        &self.template
    }

    /// Refuses what the document does not allow, before anything is done for it.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Refusal> {
        self.terms(request.method()).map_or(Ok(()), |terms| terms.check(request))
    }

    /// The terms of the operation that is asked for. Another method is refused later.
    fn terms(&self, method: &Method) -> Option<&Terms> {
        match *method {
            Method::GET | Method::HEAD => self.get.as_ref(),
            Method::POST => self.post.as_ref(),
            _ => None,
        }
    }
}

impl Terms {
    fn new(operation: &Operation) -> Self {
        let responses = &operation.responses.responses;
        let media_types = responses.iter().filter(|(status, _)| status.starts_with('2')).flat_map(
            |(_, response)| match response {
                RefOr::T(response) => response.content.keys().collect(),
                RefOr::Ref(_) => Vec::new(),
            },
        );
        let parse = |name: &String| name.parse().expect("the document names media types");
        Self {
            answers: media_types.map(parse).collect(),
            needs_body: operation.request_body.is_some(),
        }
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        if self.needs_body && !has_length(request) {
            Err(Refusal::LengthRequired)
        } else if accept::choose(request.headers(), &self.answers).is_none() {
            Err(Refusal::NotAcceptable { given: names(&self.answers) })
        } else {
            Ok(())
        }
    }
}

/// Whether a body is announced, be it an empty one. HTTP/2 tells by itself where one ends.
fn has_length(request: &Request) -> bool {
    let headers = request.headers();
    request.version() >= Version::HTTP_2
        || headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(TRANSFER_ENCODING)
}

/// The kinds, for whoever takes none of them.
pub(crate) fn names(media_types: &[MediaTypeBuf]) -> String {
    media_types.iter().map(MediaTypeBuf::to_string).collect::<Vec<_>>().join(" or ")
}
