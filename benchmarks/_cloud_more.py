"""Add to an AWS on loopback what accounts have beside what the labs bring: people, networks, names, alarms, and some of each service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from benchmarks._cloud import Emulated

__all__ = ["more"]

_READ: Final = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}]}
)
_TRUST: Final = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
)
_TEAMS: Final = 10
_PEOPLE: Final = 12
_APPS: Final = 6


def more(cloud: Emulated) -> None:
    """Make ten teams with their people and applications, their networks, and what they use."""
    _identities(cloud)
    _network(cloud)
    _names_and_alarms(cloud)
    _services(cloud)


def _identities(cloud: Emulated) -> None:
    iam = cloud.client("iam")
    for team in range(_TEAMS):
        iam.create_group(GroupName=f"team-{team}")
        iam.put_group_policy(GroupName=f"team-{team}", PolicyName="reads", PolicyDocument=_READ)
        for person in range(_PEOPLE):
            name = f"person-{team}-{person}"
            iam.create_user(UserName=name)
            iam.add_user_to_group(GroupName=f"team-{team}", UserName=name)
        for app in range(_APPS):
            arn = iam.create_policy(PolicyName=f"app-{team}-{app}", PolicyDocument=_READ)["Policy"]["Arn"]
            iam.create_role(RoleName=f"app-{team}-{app}", AssumeRolePolicyDocument=_TRUST)
            iam.attach_role_policy(RoleName=f"app-{team}-{app}", PolicyArn=arn)
            iam.put_role_policy(RoleName=f"app-{team}-{app}", PolicyName="own", PolicyDocument=_READ)


def _network(cloud: Emulated) -> None:
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for team in range(_TEAMS):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{team}.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
        if team % 2:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        groups = [_group(ec2, vpc, f"team-{team}-{number}", number) for number in range(4)]
        for number in range(8):
            ec2.create_network_interface(SubnetId=subnet, Groups=[groups[number % 4]])
            ec2.create_volume(Size=8, AvailabilityZone="us-east-1a", Encrypted=bool(number % 2))
        ec2.allocate_address(Domain="vpc")


def _group(ec2: Any, vpc: str, name: str, number: int) -> str:  # noqa: ANN401 - boto3 makes its clients at run time
    group: str = ec2.create_security_group(GroupName=name, Description="example", VpcId=vpc)["GroupId"]
    peer = "0.0.0.0/0" if number == 0 else "10.0.0.0/8"
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": peer}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return group


def _names_and_alarms(cloud: Emulated) -> None:
    names = cloud.client("route53")
    zone = names.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    for number in range(80):
        record = {"Name": f"host-{number}.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        names.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]})
    alarms = cloud.client("cloudwatch")
    for number in range(60):
        alarms.put_metric_alarm(
            AlarmName=f"alarm-{number}",
            MetricName="Errors",
            Namespace="AWS/Lambda",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )


def _services(cloud: Emulated) -> None:
    cloud.client("kms").create_key(Description="example")
    cloud.client("logs").create_log_group(logGroupName="/example/app")
    cloud.client("sqs").create_queue(QueueName="orders")
    cloud.client("sns").create_topic(Name="orders")
    cloud.client("secretsmanager").create_secret(Name="orders", SecretString="example")
    cloud.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier="orders",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        MasterUsername="example",
        MasterUserPassword="example-password",
        AllocatedStorage=20,
    )
    cloud.client("ecr").create_repository(repositoryName="app")
