"""The arrays that metrics take and return: B images of H rows and W columns.

Maps    predictions and densities, floating point
Counts  how many fixations fall in each pixel; any numeric type, because a set of pixels (bool) is
        a count map of zeros and ones
Mask    True where a pixel counts, False in padding
Values  one number per image
"""

from jaxtyping import Array, Bool, Float, Shaped

Maps = Float[Array, "B H W"]
Counts = Shaped[Array, "B H W"]
Mask = Bool[Array, "B H W"]
Values = Float[Array, " B"]
