"""Request schemas and examples for the OpenAPI document, as plain JSON. A test sends each one to a real server."""

from typing import Any

Json = dict[str, Any]

_STEP: Json = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "id": {"type": "string", "description": "Equals the step's key, where given."},
        "name": {"type": "string"},
        "type": {"type": "string", "enum": ["function", "choice", "wait", "parallel", "map", "succeed", "fail"]},
        "functionName": {"type": "string", "description": "A registered function."},
        "inputPath": {"type": "string", "description": "What the function is given; absent: the whole current payload."},
        "resultPath": {"type": "string", "description": "Where the output goes; absent: merged into the root."},
        "nextStepId": {"type": ["string", "null"], "description": "null or absent: the workflow ends."},
    },
}
_STATE: Json = {
    "type": "object",
    "required": ["Type"],
    "properties": {
        "Type": {"type": "string", "enum": ["Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"]},
        "Resource": {"type": "string", "description": "Of a Task: an ARN; a Lambda's means the registered function of that name."},
        "Next": {"type": "string", "description": "The next state's name."},
        "End": {"type": "boolean"},
    },
}
_DEFINITION_FIELDS: Json = {
    "name": {"type": "string", "minLength": 1, "description": "Unique. A state machine may be named in the query instead."},
    "description": {"type": "string"},
    "startAt": {"type": "string", "description": "The first step's id."},
    "steps": {"type": "object", "minProperties": 1, "additionalProperties": _STEP},
    "StartAt": {"type": "string", "description": "Of a state machine: the first state's name."},
    "States": {"type": "object", "minProperties": 1, "additionalProperties": _STATE, "description": "Amazon States Language."},
    "QueryLanguage": {"type": "string", "enum": ["JSONPath", "JSONata"]},
    "TimeoutSeconds": {"type": "integer", "minimum": 1},
    "Comment": {"type": "string"},
    "Version": {"type": "string", "enum": ["1.0"]},
}
_SHAPES = [{"required": ["name", "startAt", "steps"]}, {"required": ["StartAt", "States"]}]
"""Which fields a document of each language has at least."""
_GREETING: Json = {
    "name": "Greeting",
    "startAt": "log",
    "steps": {"log": {"type": "function", "name": "Log it", "functionName": "logAnalytics"}},
}
_MACHINE: Json = {
    "name": "Greeting machine",
    "StartAt": "Log it",
    "States": {
        "Log it": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:000000000000:function:logAnalytics",
            "ResultPath": "$.logged",
            "End": True,
        }
    },
}

_TOKEN: Json = {"type": "string", "minLength": 1, "maxLength": 2048, "description": "What the task was given."}
_COUNT: Json = {"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647}


def _body(schema: Json, example: Json, *, required: bool) -> Json:
    return {"required": required, "content": {"application/json": {"schema": {"type": "object", **schema}, "example": example}}}


BODIES: dict[str, Json] = {
    "createDefinition": _body(
        {"anyOf": _SHAPES, "properties": _DEFINITION_FIELDS, "examples": [_GREETING, _MACHINE]}, _GREETING, required=True
    ),
    "validateDefinition": _body({"properties": {}}, _GREETING, required=True),
    "changeDefinition": _body({"properties": _DEFINITION_FIELDS}, {"description": "Says hello."}, required=True),
    "trigger": _body(
        {"additionalProperties": False, "properties": {"payload": {"type": "object", "description": "Absent: {}."}}},
        {"payload": {"email": "ada@example.com", "password": "correct horse"}},
        required=False,
    ),
    "sendTaskSuccess": _body(
        {"additionalProperties": False, "required": ["token", "output"], "properties": {"token": _TOKEN, "output": {}}},
        {"token": "c29tZWJvZHkvMS4x", "output": {"approved": True}},
        required=True,
    ),
    "sendTaskFailure": _body(
        {
            "additionalProperties": False,
            "required": ["token"],
            "properties": {
                "token": _TOKEN,
                "error": {"type": ["string", "null"], "maxLength": 256},
                "cause": {"type": ["string", "null"], "maxLength": 32768},
            },
        },
        {"token": "c29tZWJvZHkvMS4x", "error": "Denied", "cause": "the budget is spent"},
        required=True,
    ),
    "sendTaskHeartbeat": _body(
        {"additionalProperties": False, "required": ["token"], "properties": {"token": _TOKEN}},
        {"token": "c29tZWJvZHkvMS4x"},
        required=True,
    ),
    "updateMapRun": _body(
        {
            "additionalProperties": False,
            "properties": {
                "maxConcurrency": _COUNT,
                "toleratedFailureCount": _COUNT,
                "toleratedFailurePercentage": {"type": ["number", "null"], "minimum": 0, "maximum": 100},
            },
        },
        {"maxConcurrency": 10, "toleratedFailurePercentage": 5},
        required=True,
    ),
    "cancelInstance": _body(
        {
            "additionalProperties": False,
            "properties": {
                "error": {"type": ["string", "null"], "maxLength": 256},
                "cause": {"type": ["string", "null"], "maxLength": 32768},
            },
        },
        {"error": "NoLongerNeeded", "cause": "the order was withdrawn"},
        required=False,
    ),
}
"""Request bodies by operation id."""

_INSTANCE: Json = {
    "instanceId": "0198b7c2-6f2e-7c3a-9d54-3f1f6b7d2a10",
    "workflowDefinitionId": "sample-user-signup",
    "workflowDefinitionName": "Sample User Signup Workflow",
    "status": "PENDING",
    "initialPayload": {"email": "ada@example.com"},
    "currentPayload": {"email": "ada@example.com"},
    "currentStepId": "validateInput",
    "history": [],
    "startedAt": "2026-01-31T12:00:00.000Z",
}
_LISTED: Json = {name: value for name, value in _INSTANCE.items() if name != "history"}
_EVENT: Json = {
    "type": "STEP_COMPLETED",
    "instanceId": _INSTANCE["instanceId"],
    "stepId": "logAnalytics",
    "stepName": "Log it",
    "output": {"analyticsLogged": True},
    "endedAt": "2026-01-31T12:00:00.300Z",
    "id": f"{_INSTANCE['instanceId']}:3",
    "seq": 5,
}
_TASK: Json = {
    "token": "c29tZWJvZHkvMS4x",
    "instanceId": _INSTANCE["instanceId"],
    "workflowDefinitionId": "0198b7c2-0000-7c3a-9d54-3f1f6b7d2a10",
    "workflowName": "Approval",
    "stepId": "Ask the boss",
    "kind": "callback",
    "resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "askedAt": "2026-01-31T12:00:00.000Z",
    "input": {"FunctionName": "ask", "Payload": {"token": "***", "amount": 4200}},
}
_COUNTS: Json = {
    "pending": 0, "running": 2, "succeeded": 5, "failed": 0, "timedOut": 0, "aborted": 0, "total": 7, "failuresNotRedrivable": 0,
    "pendingRedrive": 0,
}  # fmt: skip
_MAP_RUN: Json = {
    "run": "5c3f2a10-6f2e-4c3a-8d54-3f1f6b7d2a10",
    "label": "EachOrder",
    "node": "Each order",
    "executionId": _INSTANCE["instanceId"],
    "status": "RUNNING",
    "startedAt": "2026-01-31T12:00:00Z",
    "endedAt": None,
    "maxConcurrency": 2,
    "toleratedFailureCount": 0,
    "toleratedFailurePercentage": 0.0,
    "isBatched": False,
    "redrives": 0,
    "redrivenAt": None,
    "itemCount": 7,
    "windowMax": 2,
    "items": _COUNTS,
    "executions": _COUNTS,
}
_STAGES: Json = {
    "language": "JSONPath",
    "stages": [
        {"name": "input", "value": {"order": {"net": 40}}},
        {"name": "afterInputPath", "value": {"net": 40}},
        {"name": "afterResultSelector", "unavailable": "It depends on random numbers, and which ones were drawn was not recorded."},
    ],
}
_DEFINITION: Json = {"id": "4f7c1f0e-8f3b-4d55-9a53-1f3c5f0f7c11", **_GREETING}
_PROCESS: Json = {
    "id": "worker-1:4711:0f3c9a52",
    "host": "worker-1",
    "pid": 4711,
    "version": "0.1.0",
    "startedAt": "2026-01-31T11:58:00.000Z",
    "seenAt": "2026-01-31T12:00:00.000Z",
    "group": "conductor",
    "works": True,
    "isDraining": False,
    "isGone": False,
    "partitions": [0, 1],
    "epochs": [3, 3],
    "functions": ["logAnalytics"],
    "functionsRunning": 1,
    "functionCalls": 20,
    "backlog": 0,
    "relayLag": {"kafka:workflow_events": 0},
    "commits": 80,
    "commitMs": {"mean": 0.8, "p50": 1.0, "p99": 5.0},
    "storeErrors": 0,
}

ANSWERS: dict[str, Any] = {
    "createDefinition": _DEFINITION,
    "listDefinitions": [_DEFINITION],
    "readDefinition": _DEFINITION,
    "validateDefinition": {"valid": True, "problems": []},
    "instanceDefinition": _GREETING,
    "changeDefinition": {**_DEFINITION, "description": "Says hello."},
    "trigger": _INSTANCE,
    "readInstance": {
        **_INSTANCE,
        "arn": f"arn:aws:states:us-east-1:000000000000:execution:sample-user-signup:{_INSTANCE['instanceId']}",
        "executionName": _INSTANCE["instanceId"],
        "type": "STANDARD",
        "startedBy": {},
    },
    "listInstances": {"items": [_LISTED], "cursor": "b3BhcXVl"},
    "cancelInstance": {**_INSTANCE, "status": "CANCELLED", "endedAt": "2026-01-31T12:00:01.000Z"},
    "redriveInstance": {**_INSTANCE, "status": "RUNNING"},
    "instanceEvents": {"items": [_EVENT], "after": 5},
    "allEvents": {"items": [_EVENT], "cursor": 12},
    "listFunctions": [
        {
            "name": "logAnalytics",
            "description": "Log an analytics event.",
            "calls": 12,
            "failures": 1,
            "running": 0,
            "meanSeconds": 0.021,
            "p95Seconds": 0.034,
            "lastCalledAt": "2026-01-31T12:00:00.000Z",
        }
    ],
    "listVersions": {
        "versions": [{"number": 1, "createdAt": "2026-01-31T12:00:00.000Z", "description": "the first"}],
        "aliases": [{"name": "live", "routes": [{"version": 1, "weight": 100}]}],
    },
    "listTasks": {"items": [_TASK], "cursor": "1:1769860800000000:0198b7c2"},
    "instanceStages": _STAGES,
    "listMapRuns": {"items": [_MAP_RUN]},
    "health": {"status": "ok"},
    "readiness": {"status": "ready", "missing": {}},
    "status": {
        "processId": _PROCESS["id"],
        "instances": {"RUNNING": 1, "COMPLETED": 20},
        "partitions": {"total": 2, "owned": 2, "unowned": []},
        "processes": [_PROCESS],
        "functionsRunning": 1,
        "backlog": 0,
        "relayLag": {"kafka:workflow_events": 0},
        "storeErrors": 0,
        "functionsNotEverywhere": {},
        "missing": {},
    },
}
"""Successful answers by operation id."""

PROBLEM: Json = {
    "type": "urn:conductor:problem:invalid-request",
    "title": "Invalid request",
    "status": 400,
    "detail": "There is no field 'payloads' here at /payloads.",
    "statusCode": 400,
    "message": "There is no field 'payloads' here at /payloads.",
    "errors": [{"pointer": "/payloads", "code": "UNKNOWN_FIELD", "message": "There is no field 'payloads' here at /payloads."}],
}
