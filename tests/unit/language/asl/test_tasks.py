import pytest

from conductor_local.language.asl import function_name
from conductor_local.language.asl.resources import gives_token, resource_of
from conductor_local.program import Resource

from .machines import LAMBDA, built, express, failed, only, run, task, told

STATES = "arn:aws:states:::"


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (LAMBDA, "lambda"),
        (f"{LAMBDA}:prod", "lambda"),
        ("arn:aws-cn:lambda:cn-north-1:1:function:f", "lambda"),
        ("arn:aws:states:us-east-1:1:activity:a", "activity"),
        (f"{STATES}lambda:invoke", "integration"),
        (f"{STATES}lambda:invoke.waitForTaskToken", "integration"),
        (f"{STATES}states:startExecution.sync:2", "integration"),
        (f"{STATES}aws-sdk:dynamodb:query", "integration"),
        ("arn:aws:states:us-east-1:1:aws-sdk:s3:getObject", "integration"),
        (f"{STATES}emr-containers:createVirtualCluster", "integration"),
    ],
)
def test_resources(arn, kind):
    assert resource_of(arn) == Resource(kind, arn)


@pytest.mark.parametrize(
    "arn",
    ["work", "", "arn:aws:lambda:r:1:layer:x", f"{STATES}dynamodb:query", f"{STATES}sqs:sendMessage.sync", f"{STATES}nope:do"],
)
def test_an_unknown_resource_is_refused(arn):
    reason = "is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
    assert told(only(task(Resource=arn))) == [(f"The resource provided {arn} {reason}", "/States/A/Resource")]


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (LAMBDA, "work"),
        (f"{LAMBDA}:$LATEST", "work"),
        ("000000000000:function:work", "work"),
        ("work:prod", "work"),
        ("work", "work"),
        ("arn:aws:sqs:r:1:queue", None),
        ("", None),
    ],
)
def test_the_function_that_an_arn_means(arn, name):
    assert function_name(arn) == name


def test_who_gets_a_token():
    assert gives_token(Resource("activity", "arn"))
    assert gives_token(Resource("integration", "x.waitForTaskToken"))
    assert gives_token(Resource("integration", "arn:aws:states:::states:startExecution.sync:2"))
    assert not gives_token(Resource("lambda", LAMBDA))


@pytest.mark.parametrize(
    ("arn", "text"),
    [
        (
            f"{STATES}sqs:sendMessage.waitForTaskToken",
            "Express state machine does not support '.waitForTaskToken' service integration ",
        ),
        (f"{STATES}states:startExecution.sync:2", "Express state machine does not support '.sync' service integration"),
        ("arn:aws:states:us-east-1:1:activity:a", "Express state machine does not support Activity ARN"),
    ],
)
def test_what_an_express_machine_cannot_do(arn, text):
    assert told(only(task(Resource=arn)), identity=express()) == [(text, "/States/A/Resource")]
    assert told(only(task(Resource=arn))) == []


def test_time_limits_as_numbers_and_by_paths():
    done = run(only(task(InputPath="$.t", Parameters={}, TimeoutSecondsPath="$.out", HeartbeatSeconds=3)), {"t": {"out": 9}})
    scheduled = next(event for event in done.events if type(event).__name__ == "TaskScheduled")
    assert (scheduled.timeout_s, scheduled.heartbeat_s) == (9, 3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "The TimeoutSecondsPath parameter cannot be parsed as a long value: $.t == 1.5"),
        (0, "The TimeoutSecondsPath parameter must be between 1 and 99999999: $.t == 0"),
    ],
)
def test_a_path_to_no_time_limit(value, text):
    assert failed(only(task(TimeoutSecondsPath="$.t")), {"t": value}) == ("States.Runtime", text)


@pytest.mark.parametrize(
    ("fields", "text", "location"),
    [
        ({"TimeoutSeconds": 0}, "Minimum value is 1", "/States/A/TimeoutSeconds"),
        ({"TimeoutSeconds": True}, "Expected value of type Integer", "/States/A/TimeoutSeconds"),
        (
            {"TimeoutSeconds": 5, "HeartbeatSeconds": 5},
            "HeartbeatSeconds must be smaller than TimeoutSeconds",
            "/States/A/HeartbeatSeconds",
        ),
        ({"Credentials": {"Role": "x"}}, "The field 'RoleArn' is required but was missing", "/States/A/Credentials"),
        ({"Resource": 5}, "Expected value of type String", "/States/A/Resource"),
        ({"InputPath": "x"}, "Value must be a valid JSONPath.", "/States/A/InputPath"),
        ({"ResultPath": "$var"}, "Value is not a Reference Path", "/States/A/ResultPath"),
        ({"ResultSelector": []}, "Expected value of type Object", "/States/A/ResultSelector"),
        (
            {"Parameters": {"a": {"b.$": "x"}}},
            "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call",
            "/States/A/Parameters",
        ),
        ({"Assign": {"states": 1}}, "Variable name 'states' is reserved", "/States/A/Assign"),
        ({"Assign": {"a.b": 1}}, "Variable name 'a.b' is not a valid identifier", "/States/A/Assign"),
        ({"Assign": {"a" * 81: 1}}, f"Variable name '{'a' * 81}' exceeds 80 characters", "/States/A/Assign"),
        ({"Assign": 5}, "Expected value of type Object", "/States/A/Assign"),
    ],
)
def test_refused_fields(fields, text, location):
    assert told(only(task(**fields))) == [(text, location)]


def test_a_task_needs_a_resource():
    assert told(only({"Type": "Task"})) == [("These fields are required: [Resource]", "/States/A")]


def test_limits_of_the_dialect():
    assert built(only(task())).program.limits.events == 25_000
    assert built(only(task())).program.limits.payload_bytes == 262_144
    assert built(only(task()), identity=express()).program.limits.events is None
