"""Load balancing by AWS's clients."""
import pytest

from clients import Boto3, Refused

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"


@pytest.fixture
def elb(controller_with, tmp_path):
    controller = controller_with("--plain-http", "--account", "123456789012")
    return Boto3(controller.administrator, controller.url, tmp_path)


@pytest.mark.parametrize("arn, code", [
    (f"{ARN}loadbalancer/net/a/0123456789abcdef", "LoadBalancerNotFound"),
    (f"{ARN}listener/net/a/0123456789abcdef/0123456789abcdef", "ListenerNotFound"),
    (f"{ARN}targetgroup/a/0123456789abcdef", "TargetGroupNotFound"),
    ("tmt-0123456789abcdef0", "ValidationError"),
])
def test_tags_of_what_is_not_there(elb, arn, code):
    for operation, parameters in (("AddTags", {"Tags": [{"Key": "k", "Value": "v"}]}), ("RemoveTags", {"TagKeys": ["k"]}),
                                  ("DescribeTags", {})):
        with pytest.raises(Refused) as caught:
            elb.call("elbv2", operation, ResourceArns=[arn], **parameters)
        assert caught.value.code == code
        assert arn in caught.value.message
