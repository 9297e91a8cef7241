# reaches: user/start -> all, user/member -> all, user/boss -> all, user/start -> user/boss
# apart: user/nobody -> all
# admins: user/boss, user/member, group/admins
resource "aws_iam_user" "all" {
  for_each = toset(["start", "boss", "member", "nobody"])
  name     = each.value
}
resource "aws_iam_user_policy" "start" {
  name   = "keys"
  user   = aws_iam_user.all["start"].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:CreateAccessKey", Resource = "*" }] })
}
resource "aws_iam_user_policies_exclusive" "start" {
  user_name    = aws_iam_user.all["start"].name
  policy_names = [aws_iam_user_policy.start.name]
}
resource "aws_iam_user_policy_attachments_exclusive" "boss" {
  user_name   = aws_iam_user.all["boss"].name
  policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}
resource "aws_iam_user_policy_attachments_exclusive" "nobody" {
  user_name   = aws_iam_user.all["nobody"].name
  policy_arns = []
}
resource "aws_iam_group" "admins" { name = "admins" }
resource "aws_iam_group_policy_attachments_exclusive" "admins" {
  group_name  = aws_iam_group.admins.name
  policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}
resource "aws_iam_user_group_membership" "member" {
  user   = aws_iam_user.all["member"].name
  groups = [aws_iam_group.admins.name]
}
