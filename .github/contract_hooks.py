"""Which requests the nightly contract run leaves out.

hyper answers an address beyond its header buffer by itself, with 431 or 414 and no
body, before a handler could write the problem that the document promises.
"""

import schemathesis

ADDRESS_CHARS_MAX = 8192


@schemathesis.hook
def filter_case(context, case):
    return len(str(case.query)) < ADDRESS_CHARS_MAX
