//! Prints the OpenAPI document as the server's types and routes make it: the one
//! place where xtask links the server. `cargo xtask codegen` builds and runs this.

fn main() {
    print!("{}", exacta_server::openapi_json());
}
