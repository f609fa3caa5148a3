"""What sessions cost, by the command line: tables, and reports in the columns of AWS's."""
import csv
import io
import json
import os

from command import Operator
from controller import element
from people import People

COLUMNS = """identity/LineItemId identity/TimeInterval bill/PayerAccountId bill/BillingPeriodStartDate bill/BillingPeriodEndDate
lineItem/UsageAccountId lineItem/LineItemType lineItem/UsageStartDate lineItem/UsageEndDate lineItem/ProductCode lineItem/UsageType
lineItem/Operation lineItem/ResourceId lineItem/UsageAmount lineItem/CurrencyCode lineItem/UnblendedRate lineItem/UnblendedCost
lineItem/LineItemDescription pricing/unit""".split()


def test_usage(controller_with):
    """What a session costs, also when it is gone, in tables and reports; and by whom it is seen."""
    controller = controller_with("--currency", "EUR", "--price", "0.25", "--price", "2099-01-01=9")
    operator = Operator(os.path.join(controller.state, "credentials.env"))
    assert controller.report("web-1", [("eth0", "host", ["10.0.0.1"])]).status_code == 204
    source, = (item["NetworkInterfaceId"] for item in operator.json("interface", "list"))
    session = operator.do("mirror", source, "--to", "192.0.2.9").split()[0]
    cells = [source, session, "1", "0.25", "EUR"]
    row, = operator.table("usage", "show")
    assert row[4] == "eth0" and row[-5:] == cells
    operator.do("session", "delete", session)
    row, = operator.table("usage", "show")
    assert row[-5:] == cells
    row, = operator.table("usage", "show", "--by", "source", "--period", "monthly")
    assert row[-5:] == [source, "-", "1", "0.25", "EUR"]
    shown, = operator.json("usage", "show", "--account", "all")
    assert shown["TrafficMirrorSessionId"] == session and shown["DeletionTime"] and shown["Periods"][0]["Cost"] == "0.25"

    header, line = csv.reader(io.StringIO(operator.do("usage", "export") + "\n"))
    assert header == COLUMNS
    report = dict(zip(header, line))
    month = report["lineItem/UsageStartDate"][:7]
    assert report["lineItem/UsageStartDate"][10:] == "T00:00:00Z" and report["bill/BillingPeriodStartDate"] == f"{month}-01T00:00:00Z"
    assert report["lineItem/ResourceId"] == session and report["lineItem/UsageAmount"] == "1" and report["pricing/unit"] == "Hrs"
    assert report["lineItem/CurrencyCode"] == "EUR" and float(report["lineItem/UnblendedRate"]) == 0.25
    assert report["identity/TimeInterval"] == f'{report["lineItem/UsageStartDate"]}/{report["lineItem/UsageEndDate"]}'
    line, = json.loads(operator.do("usage", "export", "--format", "json", "--hourly"))
    assert list(line) == COLUMNS and line["lineItem/UnblendedCost"] == 0.25 and line["lineItem/UsageStartDate"].endswith(":00:00Z")
    assert operator.do("usage", "export", "--from", "2020-01-01", "--to", "2020-02-01").splitlines() == [",".join(COLUMNS)]

    assert operator.run("usage", "export", "--format", "xml").returncode == 2
    assert operator.refused("usage", "show", "--from", "2026-13-01") == "InvalidParameterValue"
    other = People(controller).other_account()
    assert "<hours>" not in controller.query("DescribeTrafficMirrorUsage", keys=other.keys).text
    answer = controller.query("DescribeTrafficMirrorUsage", keys=other.keys, AccountId="all")
    assert element(answer.text, "Code") == "UnauthorizedOperation"
