"""What answers and errors of AWS services look like to a workflow."""

from conductor_local.functions.aws_clients import plain_message
from conductor_local.functions.aws_wording import sdk_members


def test_headers_are_spelled_and_ordered_as_aws_does() -> None:
    sent = {"content-type": "text/xml", "x-amzn-requestid": "1", "x-own": "2", "connection": "keep-alive", "content-length": "3"}
    http = sdk_members(200, sent, "1")["SdkHttpMetadata"]
    assert list(http["HttpHeaders"]) == ["connection", "Content-Length", "Content-Type", "x-amzn-RequestId", "x-own"]
    assert http["AllHttpHeaders"]["Content-Length"] == ["3"]


def test_of_a_page_only_the_title_is_told() -> None:
    page = "<!doctype html>\n<html><title>500 Internal\nServer Error</title><p>long</p>"
    assert plain_message(page) == "The endpoint answered with a page: 500 Internal\nServer Error"
    assert plain_message("<HTML>") == "The endpoint answered with a page: without a title"
    assert plain_message("There is no <title>") == "There is no <title>"
