// Blend loops on vectors.
export const tileKernels = {};
