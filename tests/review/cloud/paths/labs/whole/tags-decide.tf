# reaches: user/start -> instance dev, user/start -> role/same
# apart: user/start -> instance prod, user/start -> role/other
# admins:
resource "aws_iam_user" "start" {
  name = "start"
  tags = { team = "blue" }
}
resource "aws_iam_user_policy" "start" {
  user = aws_iam_user.start.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "ec2-instance-connect:SendSSHPublicKey", Resource = "*", Condition = { StringEquals = { "aws:ResourceTag/stage" = "dev" } } },
    { Effect = "Allow", Action = "sts:AssumeRole", Resource = "*", Condition = { StringEquals = { "aws:ResourceTag/team" = "$${aws:PrincipalTag/team}" } } },
  ] })
}
resource "aws_instance" "machine" {
  for_each = toset(["dev", "prod"])
  ami      = "ami-0123456789abcdef0"
  tags     = { Name = each.key, stage = each.key }
}
resource "aws_iam_role" "team" {
  for_each           = { same = "blue", other = "red" }
  name               = each.key
  tags               = { team = each.value }
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = split(":", aws_iam_user.start.arn)[4] }, Action = "sts:AssumeRole" }] })
}
