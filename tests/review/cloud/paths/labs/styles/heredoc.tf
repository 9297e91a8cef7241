# A managed policy said in JSON, its name with a random end.
resource "random_string" "end" {
  length  = 6
  special = false
}

resource "aws_iam_user" "start" {
  name                 = "start-${random_string.end.result}"
  permissions_boundary = <<boundary>>
}

resource "aws_iam_policy" "start" {
  name_prefix = "start-"
  policy      = <<-POLICY
  {
    "Version": "2012-10-17",
    "Statement": [
<<json>>
    ]
  }
  POLICY
}

resource "aws_iam_user_policy_attachment" "start" {
  user       = aws_iam_user.start.id
  policy_arn = aws_iam_policy.start.arn
}
