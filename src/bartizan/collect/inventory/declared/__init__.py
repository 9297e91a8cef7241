"""What somebody declared in a file, Terraform's or a template's, turned into facts by what the kinds say of it."""
