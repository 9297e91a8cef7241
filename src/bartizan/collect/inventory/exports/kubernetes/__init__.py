"""Read clusters from what kubectl, Helm and kustomize write, and from manifests: lists, documents, folders of both."""
