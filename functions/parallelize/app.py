"""Routes of `parallelize`."""

from functions.parallelize import engine
from functions.parallelize.answers import Analysis, Offers, Result
from functions.parallelize.bodies import AnalyzeBody, ParallelizeBody
from iptweb.http import App, read_body
from iptweb.reference import offer_schema
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("parallelize")
run_inline = inline(app)
offer_schema(app)


@app.route("/parallelize", methods=["POST"], body=ParallelizeBody, own_token=None)
def parallelize(call: Call) -> Result:
    """Make a program parallel, or say what has to be answered first.

    Raises:
        NotFound: A file of the program is not in the home.
        Conflict: What comes out would replace a file of the program, or a folder.
        PayloadTooLarge: The program or the answer is.
        Unprocessable: The engine refuses, or ran into a limit; `details.reason` says
            which, and `details.question` whose answer it is about.
    """
    return engine.parallelize(call, read_body(ParallelizeBody, call.request.body))


@app.route("/analyze", methods=["POST"], body=AnalyzeBody, own_token=None)
def analyze(call: Call) -> Analysis:
    """Say of every loop whether it can run in parallel, and why.

    Raises:
        NotFound: A file of the program is not in the home.
        Conflict: What comes out would replace a file of the program, or a folder.
        PayloadTooLarge: The program or the answer is.
        Unprocessable: The engine refuses, or ran into a limit; `details.reason` says
            which.
    """
    return engine.analyze(call, read_body(AnalyzeBody, call.request.body))


@app.route("/models")
def list_models(call: Call) -> Offers:
    """List the kinds of parallel programs, the languages and the limits."""
    del call
    return engine.list_offers()
