# A policy in a template beside it, and one in a template that is a text.
locals {
  reading = file("reading.json.tftpl")
  statements = [
<<objects>>
  ]
}

resource "aws_iam_user" "start" {
  name                 = "start"
  permissions_boundary = <<boundary>>
}

resource "aws_iam_user_policy" "start" {
  user   = aws_iam_user.start.name
  policy = templatefile("${path.module}/policy.json.tftpl", { statements = local.statements })
}

resource "aws_iam_user_policy" "reading" {
  user   = aws_iam_user.start.name
  policy = templatestring(local.reading, { what = "List" })
}
---policy.json.tftpl
{"Version": "2012-10-17", "Statement": [
%{ for number, one in statements ~}
${jsonencode(one)}%{ if number < length(statements) - 1 },%{ endif }
%{ endfor ~}
]}
---reading.json.tftpl
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:${what}*", "Resource": "*"}]}
