"""The steps language: Conductor's own, described for its users in `docs/steps-language.md`.

`parse.py` reads the whole, `bodies.py` the steps, `leaves.py`, `choice.py`, `wait.py` and `handlers.py` their types and parts, all
by way of `fields.py`. `paths.py` reads the payload, `writing.py` changes it, `records.py` keeps what finished steps did.

    codes of problems       a definition has errors of these kinds (W: warnings, it runs nevertheless)

    MISSING_FIELD           a field that must be there is not
    UNKNOWN_FIELD           a field that this object does not have
    WRONG_TYPE              a value of another JSON type than the field takes
    WRONG_VALUE             a text that is none of the words the field takes
    OUT_OF_RANGE            a number outside its range, or one that contradicts another
    EMPTY                   a text, list or object with nothing in it
    CONFLICT                two fields of which only one may be there
    ID_MISMATCH             a step's `id` differs from its key
    UNKNOWN_TYPE            no such type of step
    PATH_SYNTAX             a text that is not a path
    PATH_NOT_WRITABLE       a `resultPath` with an index
    WAIT                    a wait with neither or both of `seconds` and `until`
    TIMESTAMP               not an RFC 3339 time
    CONDITION               a condition with too much or too little in it
    UNKNOWN_OPERATOR        no such comparison
    ALL_NOT_ALONE           `States.ALL` beside other names
    ALL_NOT_LAST            `States.ALL` before the last item
    TARGET_NOT_FOUND        `startAt`, `nextStepId`, `defaultStepId` name no step of the same body
    CYCLE_WITHOUT_CHOICE    steps that lead back to themselves with no choice on the way
    NO_END                  a body that can never end
    TOO_DEEP                bodies inside bodies beyond reason
    UNREACHABLE          W  no path leads to the step
    UNKNOWN_FUNCTION     W  no function of that name is registered at present
    UNKNOWN_RECORD       W  a path reads `$.steps.<id>` of a step that does not exist
    DUPLICATE_STEP_ID    W  two bodies have a step of the same id
    NEVER_MATCHES        W  a handler names an error that is never handled

Before the language is known: SYNTAX, NOT_UTF8, NOT_UNICODE, NOT_JSON, NOT_AN_OBJECT, TOO_DEEP, DUPLICATE_KEY, UNKNOWN_DIALECT.
"""

from conductor_local.language.steps.parse import read_definition

__all__ = ["read_definition"]
