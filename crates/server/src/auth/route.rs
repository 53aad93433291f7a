//! What each route asks of its callers. It is declared once, with the route: from there it is
//! both enforced and written into the document.
//!
//! How a caller is recognised is in the modules beside this one.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use axum::routing::Route;
use hyper::http::request::Parts;
use serde_json::json;
use tower::{Layer, Service};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, Paths};
use utoipa::openapi::security::SecurityRequirement;
use utoipa_axum::router::UtoipaMethodRouter;

use super::{Auth, Scope};
use crate::app::App;
use crate::problem::{Refusal, refuse};
use crate::telemetry::Notes;

/// The name of the scheme in the document.
pub(crate) const BEARER: &str = "bearer";

/// The member of an operation that says what it needs.
const SCOPES: &str = "x-exacta-scopes";

type Routes = UtoipaMethodRouter<Arc<App>>;

/// Routes for everybody.
pub(crate) fn open((schemas, mut paths, router): Routes) -> Routes {
    declare(&mut paths, None);
    (schemas, paths, router)
}

/// Routes for those who have a scope; where nobody is asked who they are, for everybody.
pub(crate) fn needs(app: &App, scope: Scope, (schemas, mut paths, router): Routes) -> Routes {
    declare(&mut paths, Some(scope));
    let router = match &app.auth {
        None => router,
        Some(auth) => router.route_layer(Gate { auth: Arc::clone(auth), scope }),
    };
    (schemas, paths, router)
}

fn declare(paths: &mut Paths, scope: Option<Scope>) {
    for item in paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            let scopes: Vec<_> = scope.iter().map(|scope| scope.name()).collect();
            let extensions = ExtensionsBuilder::new().add(SCOPES, json!(scopes)).build();
            operation.extensions.get_or_insert_default().merge(extensions);
            operation.security = Some(scope.iter().map(|_| bearer()).collect());
            if scope.is_some() {
                declare_refusal(operation);
            }
        }
    }
}

fn bearer() -> SecurityRequirement {
    SecurityRequirement::new(BEARER, [""; 0])
}

/// Who is not known is told so in the words of the path, as whoever may not (403) is.
fn declare_refusal(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    let refusal = responses.get("403").expect("every operation has its errors").clone();
    responses.insert("401".to_owned(), refusal);
}

/// Who may pass, and how they are known.
#[derive(Clone)]
struct Gate {
    auth: Arc<Auth>,
    scope: Scope,
}

impl Gate {
    /// Notes who calls, also one who may not do what is asked for.
    async fn admit(&self, head: &mut Parts) -> Result<(), Refusal> {
        let principal = self.auth.principal(head).await?;
        let is_allowed = principal.may(self.scope);
        head.extensions.get_or_insert_default::<Notes>().name(principal);
        if is_allowed { Ok(()) } else { Err(Refusal::ScopeMissing { scope: self.scope }) }
    }
}

impl Layer<Route> for Gate {
    type Service = Gated;

    fn layer(&self, route: Route) -> Gated {
        Gated { gate: self.clone(), route }
    }
}

/// A route behind its gate. It is what `from_fn` of axum makes, with half of the boxes.
#[derive(Clone)]
struct Gated {
    gate: Gate,
    route: Route,
}

impl Service<Request> for Gated {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // As any route is.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(self.clone().pass(request))
    }
}

impl Gated {
    /// Lets a request pass whose caller is known and may do what it asks for. Its body is not looked
    /// at, and need not even be sent.
    async fn pass(mut self, request: Request) -> Result<Response, Infallible> {
        let (mut parts, body) = request.into_parts();
        match self.gate.admit(&mut parts).await {
            Ok(()) => self.route.call(Request::from_parts(parts, body)).await,
            Err(refusal) => Ok(refuse(parts.uri.path(), refusal)),
        }
    }
}
