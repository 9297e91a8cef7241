from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bartizan.collect.inventory.contract import Gap, Grant, NetworkRule, Origin, Uid
from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.declared.values import Encoded, Unknown
from bartizan.collect.inventory.templates.reading import read_template, template_of
from bartizan.collect.inventory.templates.stack import Stack
from bartizan.documents import Map
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts

WHERE = Account("111122223333", "eu-west-1")


def read(folder: Path, text: str, **variables: object) -> Facts:
    (folder / "stack.yml").write_text(text)
    return read_template(folder / "stack.yml", where=WHERE, variables=variables)


def value_of(function: str, **given_: object) -> Any:  # noqa: ANN401 - any value of a template
    text = f"""
Parameters:
  Name: {{Type: String, Default: web}}
  List: {{Type: CommaDelimitedList, Default: "a, b"}}
  Kept: {{Type: "AWS::SSM::Parameter::Value<String>", Default: /x}}
  Asked: {{Type: String}}
Mappings:
  Ports: {{eu-west-1: {{http: 80}}}}
Conditions:
  Is: !Equals [!Ref Name, web]
  Isnt: !Not [!Condition Is]
  Perhaps: !Equals [!Ref Asked, x]
Resources:
  Bucket: {{Type: "AWS::S3::Bucket", Properties: {{BucketName: !Sub "${{Name}}-data"}}}}
  Custom: {{Type: "Custom::Thing"}}
  Asks: {function}
"""
    document, why = template_of(text.encode())
    assert document is not None, why
    return Stack(document, file="stack.yml", name="s", given=given_, where=WHERE).value(document["Resources"]["Asks"])


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ("!Ref Name", "web"),
        ("!Ref List", ["a", "b"]),
        ("!Ref AWS::AccountId", "111122223333"),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref AWS::StackName", "s"),
        ("!Ref AWS::NotificationARNs", Unknown("AWS::NotificationARNs is known only once it is deployed")),
        ("!Ref Kept", Unknown("the parameter Kept is kept in Systems Manager")),
        ("!Ref Asked", Unknown("the parameter Asked has no value")),
        ("!Ref Bucket", "web-data"),
        ("!Ref Nothing", Unknown("there is no resource Nothing")),
        ("!GetAtt Bucket.Arn", "arn:aws:s3:::web-data"),
        ("{'Fn::GetAtt': [Bucket, Arn]}", "arn:aws:s3:::web-data"),
        ("!GetAtt Custom.Thing", Unknown("Custom.Thing is known only once it is deployed")),
        ('!Sub "${Name}-${AWS::Region}-${!Name}-${Bucket.Arn}"', "web-eu-west-1-${Name}-arn:aws:s3:::web-data"),
        ('!Sub ["${a}-${Name}", {a: !Ref Name}]', "web-web"),
        ('!Sub "x-${Asked}"', Unknown("the parameter Asked has no value", "x-\ufffc")),
        ('!Join ["-", [a, !Ref Name]]', "a-web"),
        ('!Join ["-", [a, !Ref Asked]]', Unknown("the parameter Asked has no value", "a-\ufffc")),
        ('!Select [1, !Split [",", "a,b"]]', "b"),
        ("!Select [5, [a]]", Unknown("Fn::Select: list index out of range")),
        ("!If [Is, a, b]", "a"),
        ("!If [Isnt, a, b]", "b"),
        ("!If [Perhaps, a, b]", Unknown("the parameter Asked has no value")),
        ("{a: !If [Isnt, b, !Ref AWS::NoValue], c: [!Ref AWS::NoValue, 1]}", {"c": [1]}),
        ("!And [!Condition Is, !Condition Perhaps]", Unknown("the parameter Asked has no value")),
        ("!And [!Condition Isnt, !Condition Perhaps]", False),
        ("!Or [!Condition Is, !Condition Perhaps]", True),
        ("!Or [!Condition Isnt, !Condition Perhaps]", Unknown("the parameter Asked has no value")),
        ("!FindInMap [Ports, !Ref AWS::Region, http]", 80),
        ("!FindInMap [Ports, x, http]", Unknown("there is no Ports.x.http in the mappings")),
        ("!FindInMap [Ports, x, http, {DefaultValue: 1}]", 1),
        ('!GetAZs ""', ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ("!Base64 hello", "aGVsbG8="),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("{'Fn::Length': [1, 2]}", 2),
        ("{'Fn::ToJsonString': {a: 1}}", '{"a": 1}'),
        ("{'Fn::ToJsonString': {a: !Ref Asked}}", Encoded({"a": Unknown("the parameter Asked has no value")})),
        ("!ImportValue other", Unknown('the export "other" is known only once it is deployed')),
        ("!Join x", Unknown("Fn::Join: string index out of range")),
        ("!Condition Nowhere", Unknown("there is no condition Nowhere")),
    ],
)
def test_a_function_gives_what_cloudformation_makes_of_it_or_says_why_not(function: str, value: object) -> None:
    assert value_of(function) == value


def test_what_refers_to_itself_is_unknown() -> None:
    text = b"""
Conditions: {A: !Condition B, B: !Condition A}
Resources: {R: {Type: "AWS::S3::Bucket", Condition: A, Properties: {BucketName: !Ref R}}}
"""
    document, _ = template_of(text)
    assert document is not None
    stack = Stack(document, file="s", name="s", given={}, where=WHERE)
    assert stack.condition("A") == Unknown("the condition A refers to itself")
    (one,) = stack.declared()
    assert isinstance(one.values["BucketName"], str)
    assert [gap.detail for gap in stack.gaps] == [
        "whether R is made is not known: the condition A refers to itself; it is read as if it were"
    ]


def test_resources_come_with_their_lines_defaults_and_grants(tmp_path: Path) -> None:
    text = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Open:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: open
      AccessControl: PublicRead
      PublicAccessBlockConfiguration: {BlockPublicPolicy: true}
      Tags: [{Key: team, Value: web}]
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupName: g
      GroupDescription: web
      SecurityGroupIngress: {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {Statement: {Effect: Allow, Action: "kms:*", Resource: "*", Principal: {AWS: !Ref AWS::AccountId}}}
"""
    facts = read(tmp_path, text)
    bucket = facts.resources[0]
    assert (bucket.uid, bucket.region, bucket.tags, bucket.origin) == (
        "arn:aws:s3:::open",
        "eu-west-1",
        {"team": "web"},
        Origin("template", "stack.yml", "line 3"),
    )
    blocks = {name.partition(".")[2]: value for name, value in bucket.properties.items() if name.startswith("public_access_block.")}
    assert blocks == {
        "block_public_acls": False,
        "ignore_public_acls": False,
        "block_public_policy": True,
        "restrict_public_buckets": False,
    }
    assert facts.grants == [Grant(bucket.uid, "http://acs.amazonaws.com/groups/global/AllUsers", "READ", bucket.origin)]
    group = facts.resources[1].uid
    at = Origin("template", "stack.yml", "line 10")
    assert facts.network_rules == [
        NetworkRule(resource=group, direction="ingress", peer="0.0.0.0/0", protocol="tcp", first_port=22, last_port=22, origin=at),
        NetworkRule(resource=group, direction="egress", peer="0.0.0.0/0", origin=at),
        NetworkRule(resource=group, direction="egress", peer="::/0", origin=at),
    ]
    assert [(one.policy, one.principals) for one in facts.statements] == [(f"{facts.resources[2].uid}#policy", (("AWS", "111122223333"),))]
    assert facts.gaps == []


def test_what_a_policy_names_and_nobody_knows_is_a_gap(tmp_path: Path) -> None:
    text = """Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: {AWS: !ImportValue partner}}]}
      ManagedPolicyArns: [!ImportValue policy]
"""
    role = Uid("arn:aws:iam::111122223333:role/r")
    place = {"provider": "aws", "call": "stack.yml:line 2", "reason": "unresolved"}
    why = 'the export "partner" is known only once it is deployed'
    managed = 'the export "policy" is known only once it is deployed'
    assert read(tmp_path, text).gaps == [
        Gap(**place, detail=f"the policy {role}#trust: statement 0 is not known: {why}", account="111122223333", uid=Uid(f"{role}#trust")),
        Gap(**place, detail=f"which policy stack/Role attaches to {role} is not known: {managed}", kinds=("iam_role",), uid=role),
    ]


SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: hello
      Policies:
        - AmazonS3ReadOnlyAccess
        - Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]
        - S3ReadPolicy: {BucketName: b}
        - Nope
      FunctionUrlConfig: {AuthType: NONE}
      Events: {Api: {Type: HttpApi}}
  Table: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: t}}
  App: {Type: AWS::Serverless::Application}
"""


def test_resources_of_sam_are_written_out(tmp_path: Path) -> None:
    facts = read(tmp_path, SAM)
    assert sorted((one.kind, one.name) for one in facts.resources)[:4] == [
        ("dynamodb_table", "t"),
        ("iam_role", facts.principals[0].name),
        ("lambda_function", "hello"),
        ("lambda_function_url", "hello"),
    ]
    role, function = facts.principals[0].uid, "arn:aws:lambda:eu-west-1:111122223333:function:hello"
    assert {one.policy for one in facts.attachments if one.target == role} == {
        f"{role}#trust",
        f"{role}#inline/policy0",
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    }
    assert [one.principals for one in facts.statements if one.policy == f"{function}#policy"] == [(("*", "*"),)]
    assert [gap.detail for gap in facts.gaps] == [
        "Hello: the policy template S3ReadPolicy is not written out",
        "Hello: AWS manages no policy Nope",
        "Hello: its events (HttpApi) are not written out: who may call it by them is not known",
        "App: AWS::Serverless::Application is not written out",
        "AWS::Serverless::Application: 1 declared, and no kind reads it",
    ]


def test_json_is_read_too_without_lines_where_it_is_no_yaml(tmp_path: Path) -> None:
    document = {"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "b-${AWS::Region}"}}}}}
    for description, place in (("", "line 4"), ("\U0001f600", "/Resources/B")):
        (tmp_path / "t.json").write_text(json.dumps({"Description": description, **document}, indent="\t"))
        (bucket,) = read_template(tmp_path / "t.json", where=WHERE).resources
        assert (bucket.uid, bucket.origin.place) == ("arn:aws:s3:::b-eu-west-1", place)


def test_a_date_without_quotes_is_text(tmp_path: Path) -> None:
    text = """Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: p
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - {Effect: Deny, Action: "*", Resource: "*", Condition: {DateLessThan: {"aws:CurrentTime": 2030-01-01}}}
"""
    facts = read(tmp_path, text)
    assert [one.conditions[0].values for one in facts.statements] == [("2030-01-01",)]


def test_without_an_account_one_is_assumed_and_told(tmp_path: Path) -> None:
    (tmp_path / "t.yml").write_text("Resources: {U: {Type: AWS::IAM::User, Properties: {UserName: u}}}")
    facts = read_template(tmp_path / "t.yml")
    assert [one.uid for one in facts.resources] == ["arn:aws:iam::000000000000:user/u"]
    assert [(gap.reason, gap.uid) for gap in facts.gaps] == [("assumed", "template:account")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a: [", "no template of CloudFormation: line 2: this is no YAML"),
        (b"a: 1", "it has no Resources"),
        (b"", "it has 0 documents"),
        (b"Resources: {A: {Type: Other::Thing}}", "it has no Resources"),
        (b'{\t"a": ', "this is no JSON"),
        (b"Resources: !Evil {A: 1}", "tag '!Evil' is not read"),
        (b"Resources: !!python/object/apply:os.system [x]", "is not read"),
        (b"a: " + b"[" * 1000, "nested deeper than 64 levels"),
    ],
)
def test_a_file_that_is_none_says_so(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(InputError, match=why):
        read_template(tmp_path / "t")


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_template(tmp_path / "nothing")


FUNCTION = some.sampled_from(
    ["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::FindInMap", "Fn::Split", "Fn::Cidr", "Name"]
)
LEAF = some.none() | some.booleans() | some.integers() | some.sampled_from(["R", "P", "R.Arn", "${R}", "${R.Arn}", "AWS::NoValue", "C", ""])
NODE = some.recursive(LEAF, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(FUNCTION, inner, max_size=2), max_leaves=10)


@given(NODE, NODE)
def test_whatever_stands_in_a_template_it_is_a_value(properties: object, condition: object) -> None:
    document = Map(1)
    resource = {"Type": "AWS::S3::Bucket", "Properties": properties, "Condition": "C"}
    document.update({"Resources": {"R": resource}, "Conditions": {"C": condition}, "Parameters": {"P": {"Type": "String"}}})
    Stack(document, file="t", name="t", given={}, where=WHERE).declared()
