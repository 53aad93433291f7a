"""What the nightly contract run knows beside the document.

hyper answers an address beyond its header buffer by itself, with 431 or 414 and no body, before a handler could write the
problem that the document promises: such requests are left out. So are lists of one text without a character: in an
address nothing tells them from lists of none, which are allowed.

A schema cannot say all that a request means. An operation lists in `x-exacta-semantic` the codes with which it refuses
requests that its schemas allow; a code that ends in `.*` stands for its family. Any other refusal of a valid request is
a fault. The errors of /predict are bare messages, of which one is about a meaning.
"""

import fnmatch
import urllib.parse

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import positive_data_acceptance

ADDRESS_CHARS_MAX = 8192
NOTHING = (None, "", [], [None], [""])
PREDICT_CODES = {"is beyond the range of binary64": "number.overflow"}


@schemathesis.hook
def filter_case(context, case):
    query = case.query or {}
    is_short = len(urllib.parse.urlencode(query, doseq=True)) < ADDRESS_CHARS_MAX
    return is_short and not any(value in NOTHING for value in query.values())


@schemathesis.check
def refused_for_a_declared_meaning(ctx, response, case):
    try:
        return positive_data_acceptance(ctx, response, case)
    except Failure:
        declared = case.operation.definition.raw.get("x-exacta-semantic", [])
        if any(fnmatch.fnmatchcase(code(response), pattern) for pattern in declared):
            return None
        raise


def code(response):
    problem = response.json()
    message = problem.get("error", "")
    told = (code for text, code in PREDICT_CODES.items() if message.endswith(text))
    return problem.get("code") or next(told, "")
