# A module of its own that makes the user, handed a provider and a policy.
provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "west"
  region = "us-west-2"
}

module "person" {
  source    = "./person"
  providers = { aws = aws.west }
  name      = "start"
  boundary  = <<boundary>>
  policies = {
    own = jsonencode({
      Version   = "2012-10-17"
      Statement = [
<<objects>>
      ]
    })
  }
}

output "start" {
  value = module.person.arn
}
---person/main.tf
variable "name" { type = string }
variable "boundary" {
  type    = string
  default = null
}
variable "policies" { type = map(string) }

resource "aws_iam_user" "start" {
  name                 = var.name
  permissions_boundary = var.boundary
}

resource "aws_iam_user_policy" "each" {
  for_each = var.policies
  name     = each.key
  user     = aws_iam_user.start.name
  policy   = each.value
}

output "arn" { value = aws_iam_user.start.arn }
