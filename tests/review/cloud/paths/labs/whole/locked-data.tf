# reaches: user/holder -> s3:::locked, user/granter -> s3:::locked, user/policy-writer -> s3:::locked, user/reader -> s3:::plain, user/holder -> secret:locked, user/thief -> volume disk, user/reader -> secret:own, internet -> snapshot old
# apart: user/reader -> s3:::locked, user/reader -> secret:locked, user/other-service -> s3:::locked, user/shut-out -> s3:::locked, user/reader -> volume disk
# hangs: user/alias -> parameter/far
# admins:
resource "aws_kms_key" "data" {
  description = "data"
}
resource "aws_kms_alias" "data" {
  name          = "alias/data"
  target_key_id = aws_kms_key.data.key_id
}
# A key that the rights of the account do not open: its policy names one user.
resource "aws_kms_key" "named" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_user.who["alias"].arn }, Action = "kms:*", Resource = "*" }] })
}
resource "aws_s3_bucket" "all" {
  for_each = toset(["locked", "plain"])
  bucket   = each.key
}
resource "aws_s3_bucket_server_side_encryption_configuration" "locked" {
  bucket = aws_s3_bucket.all["locked"].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_alias.data.name
    }
  }
}
resource "aws_secretsmanager_secret" "all" {
  for_each   = { locked = aws_kms_key.data.arn, own = "alias/aws/secretsmanager" }
  name       = each.key
  kms_key_id = each.value
}
resource "aws_ssm_parameter" "far" {
  name   = "/far"
  type   = "SecureString"
  value  = "nothing-to-see"
  key_id = "alias/somewhere-else"
}
resource "aws_ebs_volume" "data" {
  availability_zone = "us-east-1a"
  size              = 8
  tags              = { Name = "disk" }
  encrypted         = true
  kms_key_id        = aws_kms_key.data.arn
}
resource "aws_ebs_snapshot" "old" {
  volume_id = "vol-0123456789abcdef0"
  tags      = { Name = "old" }
}
resource "aws_snapshot_create_volume_permission" "old" {
  snapshot_id = aws_ebs_snapshot.old.id
  account_id  = "all"
}
locals {
  read = { Effect = "Allow", Action = ["s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ec2:CreateSnapshot", "ebs:*"], Resource = "*" }
  more = {
    reader        = []
    holder        = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.data.arn }]
    granter       = [{ Effect = "Allow", Action = "kms:CreateGrant", Resource = "*" }]
    policy-writer = [{ Effect = "Allow", Action = "kms:PutKeyPolicy", Resource = "*" }]
    thief         = [{ Effect = "Allow", Action = "kms:CreateGrant", Resource = aws_kms_key.data.arn }]
    other-service = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "kms:ViaService" = "rds.us-east-1.amazonaws.com" } } }]
    shut-out      = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*" }, { Effect = "Deny", Action = "kms:*", Resource = aws_kms_key.data.arn }]
    alias         = []
  }
}
resource "aws_iam_user" "who" {
  for_each = toset(["reader", "holder", "granter", "policy-writer", "thief", "other-service", "shut-out", "alias"])
  name     = each.key
}
resource "aws_iam_user_policy" "who" {
  for_each = local.more
  user     = aws_iam_user.who[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = concat([local.read], each.value) })
}
