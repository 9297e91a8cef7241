"""Read files with objects of Kubernetes: what kubectl, Helm and kustomize write, and manifests."""
