"""Distributed Maps: what they compile to, and what is refused in them."""

from typing import Any

import pytest

from conductor_local.language.asl import machine_of_items
from conductor_local.program import MapRun
from conductor_local.testing.kernel import Run

from .machines import LAMBDA, built, express, failed, found, machine, only, told

CONFIG = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
PROCESSOR = machine({"Each": {"Type": "Pass", "End": True}})
GET, LIST, PUT = (f"arn:aws:states:::s3:{action}" for action in ("getObject", "listObjectsV2", "putObject"))
ONE_OF = f"[{GET}, {LIST}]"
FILE = {"Bucket": "b", "Key": "k"}
JSON = {"InputType": "JSON"}
CSV = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
A = "/States/A"


def distributed(*, config: dict[str, Any] = CONFIG, processor: dict[str, Any] = PROCESSOR, **fields: Any) -> dict[str, Any]:
    return only({"Type": "Map", "ItemProcessor": {**processor, "ProcessorConfig": config}, **fields})


def reader(config: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"ItemReader": {"Resource": GET, "Parameters": FILE, "ReaderConfig": JSON if config is None else config, **fields}}


def jsonata(**fields: Any) -> dict[str, Any]:
    return {**distributed(**fields), "QueryLanguage": "JSONata"}


def order(document: dict[str, Any], input: Any) -> dict[str, Any]:
    """What the node asks for, without its names."""
    run = Run(built(document).program, input=input)
    run.start()
    assert run.failure is None, run.failure
    (invoke,) = run.invokes
    return {name: value for name, value in invoke.arguments.value.items() if name not in ("run", "label")}


def node(document: dict[str, Any]) -> MapRun:
    found = built(document).program.body.nodes["A"]
    assert isinstance(found, MapRun)
    return found


def test_what_the_node_knows():
    assert (node(distributed(Label="each")).processor, node(distributed(Label="each")).label) == ("/States/A/ItemProcessor", "each")


def test_a_label_is_made_up_and_stays():
    label = node(distributed()).label
    assert len(label) == 36
    assert node(distributed()).label == label


def test_iterator_is_the_old_name():
    document = only({"Type": "Map", "Iterator": {**PROCESSOR, "ProcessorConfig": CONFIG}})
    assert node(document).processor == "/States/A/Iterator"


def test_items_and_numbers():
    fields = {
        "ItemsPath": "$.list",
        "MaxConcurrencyPath": "$.n",
        "ToleratedFailureCount": 2,
        "ToleratedFailurePercentagePath": "$.p",
    }
    assert order(distributed(**fields), {"list": [1], "n": 3, "p": 12.5}) == {
        "items": [1], "concurrency": 3, "toleratedCount": 2, "toleratedPercentage": 12.5,
    }  # fmt: skip


def test_items_and_numbers_in_jsonata():
    fields = {"Items": "{% $states.input.list %}", "MaxConcurrency": "{% 1 + 2 %}", "ToleratedFailureCount": 2}
    assert order(jsonata(**fields), {"list": [1]}) == {"items": [1], "concurrency": 3, "toleratedCount": 2}


def test_a_reader():
    fields = reader({**JSON, "MaxItemsPath": "$.max"}, Parameters={"Bucket.$": "$.b", "Key": "k"})
    assert order(distributed(InputPath="$.in", **fields), {"in": {"b": "here", "max": 5}}) == {
        "reader": {
            "Resource": GET,
            "Parameters": {"Bucket": "here", "Key": "k"},
            "ReaderConfig": {"InputType": "JSON", "MaxItems": 5, "MaxItemsPath": "$.max"},
        }
    }


def test_a_reader_in_jsonata():
    given = {
        "Resource": GET,
        "Arguments": {"Bucket": "{% $states.input.b %}", "Key": "k"},
        "ReaderConfig": {**JSON, "MaxItems": "{% 2 %}"},
    }
    assert order(jsonata(ItemReader=given), {"b": "here"})["reader"] == {
        "Resource": GET, "Parameters": {"Bucket": "here", "Key": "k"}, "ReaderConfig": {"InputType": "JSON", "MaxItems": 2},
    }  # fmt: skip


def test_batches():
    fields = {"MaxItemsPerBatchPath": "$.n", "MaxInputBytesPerBatch": 1000, "BatchInput": {"who.$": "$.who"}}
    assert order(distributed(ItemsPath="$.list", ItemBatcher=fields), {"n": 2, "who": "me", "list": []})["batcher"] == {
        "MaxItemsPerBatch": 2, "MaxInputBytesPerBatch": 1000, "BatchInput": {"who": "me"},
    }  # fmt: skip


def test_a_batch_input_in_jsonata():
    fields = {"MaxItemsPerBatch": "{% 1 + 1 %}", "BatchInput": {"who": "{% $states.input.who %}"}}
    assert order(jsonata(Items=[], ItemBatcher=fields), {"who": "me"})["batcher"] == {
        "MaxItemsPerBatch": 2, "BatchInput": {"who": "me"},
    }  # fmt: skip


def test_a_writer():
    fields = {"Resource": PUT, "Parameters": {"Bucket.$": "$.b", "Prefix": "p"}, "WriterConfig": {"OutputType": "JSONL"}}
    assert order(distributed(ItemsPath="$.list", ResultWriter=fields), {"b": "here", "list": []})["writer"] == {
        "WriterConfig": {"OutputType": "JSONL"}, "Parameters": {"Bucket": "here", "Prefix": "p"},
    }  # fmt: skip


def test_a_tolerance_that_is_none():
    assert failed(distributed(ItemsPath="$.list", ToleratedFailureCountPath="$.n"), {"list": [], "n": -1}) == (
        "States.Runtime", "ToleratedFailureCount cannot be negative.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "text", "location"),
    [
        ({"config": {"Mode": "DISTRIBUTED"}}, "These fields are required: [ExecutionType]", f"{A}/ItemProcessor/ProcessorConfig"),
        ({"Label": "a b"}, "Label contains invalid character: ' '", f"{A}/Label"),
        ({"ItemReader": {}}, "These fields are required: [Resource]", f"{A}/ItemReader"),
        (reader(Resource=PUT), f"The field 'Resource' should have one of these values: {ONE_OF}", f"{A}/ItemReader/Resource"),
        (reader(Extra=1), "Field 'Extra' is not supported", f"{A}/ItemReader"),
        (reader({}), "These fields are required: [InputType]", f"{A}/ItemReader/ReaderConfig"),
        (reader({"InputType": "CSV"}), "These fields are required: [CSVHeaderLocation]", f"{A}/ItemReader/ReaderConfig"),
        (
            reader({**CSV, "CSVHeaderLocation": "GIVEN"}),
            "These fields are required: [CSVHeaders]",
            f"{A}/ItemReader/ReaderConfig",
        ),
        (reader({**CSV, "CSVHeaders": [1]}), "Expected value of type String", f"{A}/ItemReader/ReaderConfig/CSVHeaders[0]"),
        (reader({**JSON, "ItemsPointer": "a"}), "Value is not a valid JSON Pointer", f"{A}/ItemReader/ReaderConfig/ItemsPointer"),
        (reader({**JSON, "MaxItems": -1}), "Minimum value is 0", f"{A}/ItemReader/ReaderConfig/MaxItems"),
        (
            reader({**CSV, "ManifestType": "S3_INVENTORY"}),
            "InputType cannot be specified when ManifestType is S3_INVENTORY",
            f"{A}/ItemReader/ReaderConfig/InputType",
        ),
        (
            reader({**JSON, "ManifestType": "ATHENA_DATA"}),
            "The field 'InputType' should have one of these values: [CSV, JSONL, PARQUET]",
            f"{A}/ItemReader/ReaderConfig/InputType",
        ),
        (
            {"ItemBatcher": {}},
            "There should be one of the following fields: [MaxItemsPerBatch, MaxInputBytesPerBatch]",
            f"{A}/ItemBatcher",
        ),
        ({"ItemBatcher": {"MaxItemsPerBatch": 0}}, "Minimum value is 1", f"{A}/ItemBatcher/MaxItemsPerBatch"),
        ({"ResultWriter": {}}, "Value cannot be empty", f"{A}/ResultWriter"),
        ({"ResultWriter": {"Resource": GET, "Parameters": {}}}, f"The field 'Resource' should have one of these values: [{PUT}]",
         f"{A}/ResultWriter/Resource"),
    ],
)  # fmt: skip
def test_refused(fields, text, location):
    assert (text, location) in told(distributed(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        reader({"InputType": "PARQUET"}),
        reader({**CSV, "ManifestType": "ATHENA_DATA"}),
        reader({"ManifestType": "S3_INVENTORY"}),
        {"ResultWriter": {"WriterConfig": {"OutputType": "JSONL"}}},
    ],
)
def test_taken(fields):
    assert not found(distributed(**fields))


def test_items_of_an_object():
    assert order(distributed(ItemsPath="$.all"), {"all": {"a": 1}})["items"] == {"a": 1}
    assert order(jsonata(Items="{% $states.input.all %}"), {"all": {"a": 1}})["items"] == {"a": 1}
    assert order(jsonata(Items={"a": "{% 1 %}"}), {})["items"] == {"a": 1}
    assert order(jsonata(), {"a": 1})["items"] == {"a": 1}


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        (distributed(ItemsPath="$.all"), 'Reference path "$.all" must point to array.'),
        (jsonata(Items="{% $states.input.all %}"), "Expected 'array', but was 'number' for value: 1"),
        (
            {**only({"Type": "Map", "ItemProcessor": PROCESSOR, "Items": "{% $states.input %}"}), "QueryLanguage": "JSONata"},
            "Expected 'array', but was 'object'",
        ),
    ],
)
def test_what_has_no_items(document, cause):
    assert cause in failed(document, {"all": 1})[1]


def test_the_machine_inside_is_read_too():
    broken = machine({"Each": {"Type": "Pass", "Next": "None"}})
    assert ("Missing 'Next' target: None", f"{A}/ItemProcessor/States/Each/Next") in told(distributed(processor=broken))


def test_inside_an_express_processor_its_rules_hold():
    waits = machine({"Each": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}})
    config = {**CONFIG, "ExecutionType": "EXPRESS"}
    ((text, _),) = told(distributed(processor=waits, config=config))
    assert text.startswith("Express state machine does not support '.waitForTaskToken'")


def test_an_express_machine_has_no_distributed_map():
    assert ("Express state machine does not support Distributed Map", A) in told(distributed(), identity=express())


def test_the_machine_of_the_items():
    document = jsonata(config={**CONFIG, "ExecutionType": "EXPRESS"})
    made, is_express = machine_of_items(document, "/States/A/ItemProcessor")
    assert made == {**PROCESSOR, "QueryLanguage": "JSONata"}
    assert is_express


def test_the_machine_of_the_items_behind_escapes():
    work = {"Type": "Task", "Resource": LAMBDA, "End": True}
    inner = {"Type": "Map", "End": True, "ItemProcessor": {**machine({"T": work}), "ProcessorConfig": CONFIG}}
    document = distributed(processor=machine({"a/b~": inner}))
    made, is_express = machine_of_items(document, "/States/A/ItemProcessor/States/a~1b~0/ItemProcessor")
    assert (made, is_express) == (machine({"T": work}), False)
