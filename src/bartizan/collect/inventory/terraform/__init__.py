"""Terraform: folders of HCL, plans and states, read into facts without Terraform, its providers or the network."""
