"""How handlers tell the OpenAPI document what they answer."""

from typing import Any

from litestar.openapi import ResponseSpec

from conductor_local.api.problems import MEDIA_TYPE, ProblemDetails

_PROBLEMS = {
    400: "The request is not valid; `errors` has one entry per fault",
    404: "There is nothing of that name",
    409: "The request contradicts what is already there",
    413: "The body or the payload is too large",
    415: "The body is not announced as JSON",
    503: "A part that is needed cannot answer now; try again",
}


def answers(
    status: int, view: Any, description: str, *problems: int, media_type: str = "application/json"
) -> dict[int, ResponseSpec]:
    """Describe the success and the problems of a route. `view` None means: no body."""
    success = ResponseSpec(view, description=description, media_type=media_type, generate_examples=False)
    return {status: success, **{code: _problem(code) for code in problems}}


def _problem(code: int) -> ResponseSpec:
    return ResponseSpec(ProblemDetails, description=_PROBLEMS[code], media_type=MEDIA_TYPE, generate_examples=False)
