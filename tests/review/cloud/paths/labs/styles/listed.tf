# A role that lists its managed policies itself, in a region that an alias names.
provider "aws" {
  alias  = "west"
  region = "eu-west-1"
}

resource "aws_iam_user" "start" {
  provider = aws.west
  name     = try(var.people.start.name, "start")
}

resource "aws_iam_role" "work" {
  provider             = aws.west
  name                 = "work"
  permissions_boundary = <<boundary>>
  assume_role_policy   = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = [aws_iam_user.start.arn] }, Action = ["sts:AssumeRole", "sts:TagSession"] }]
  })
  managed_policy_arns = [aws_iam_policy.work[0].arn]
  depends_on          = [aws_iam_user.start]
}

resource "aws_iam_policy" "work" {
  provider = aws.west
  count    = length([1])
  name     = format("work-%02d", count.index)
  policy   = jsonencode({
    Version   = "2012-10-17"
    Statement = flatten([[
<<objects>>
    ]])
  })
}

moved {
  from = aws_iam_policy.old
  to   = aws_iam_policy.work
}

variable "people" {
  type    = map(any)
  default = {}
}
