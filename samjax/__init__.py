"""samjax: the Saliency Attentive Model (SAM) in JAX and Flax."""
