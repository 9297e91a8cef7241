resource "aws_iam_user" "boss" {
  name = "boss"
  path = "/management/"
}
resource "aws_iam_user_policy_attachment" "boss" {
  user       = aws_iam_user.boss.name
  policy_arn = data.aws_iam_policy.all.arn
}
data "aws_iam_policy" "all" { name = "AdministratorAccess" }
