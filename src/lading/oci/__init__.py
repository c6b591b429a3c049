"""Images as data: references, manifests, media, and the layer stream."""
