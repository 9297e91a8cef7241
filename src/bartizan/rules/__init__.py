"""The language of judgement: Sigma, parsed, compiled, matched."""
