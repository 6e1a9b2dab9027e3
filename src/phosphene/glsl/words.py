"""Word lists: what GLSL 4.50 reserves but WebGL's GLSL does not, types, built-in functions.

Sources: The OpenGL Shading Language 4.50, section 3.6 and chapter 8; GLSL ES 1.00 and 3.00, section
3.7 and chapter 8; GL_KHR_vulkan_glsl (`sampler`, `texture2D` … are types there).
"""

from __future__ import annotations


def words(*lines: str) -> list[str]:
    """The words of some lines of text."""
    return " ".join(lines).split()


VALUE_TYPES = words(
    "float int uint bool vec2 vec3 vec4 ivec2 ivec3 ivec4 uvec2 uvec3 uvec4 bvec2 bvec3 bvec4",
    "mat2 mat3 mat4 mat2x2 mat2x3 mat2x4 mat3x2 mat3x3 mat3x4 mat4x2 mat4x3 mat4x4",
)
"""Types whose zero is written `T(0)`."""

SAMPLER_TYPES = words(
    "sampler2D sampler3D samplerCube sampler2DShadow samplerCubeShadow sampler2DArray",
    "isampler2D usampler2D isampler3D usampler3D isamplerCube usamplerCube",
)

RESERVED = frozenset(
    words(
        "attribute varying buffer shared coherent volatile restrict readonly writeonly atomic_uint",
        "noperspective patch sample subroutine double dvec2 dvec3 dvec4 dmat2 dmat3 dmat4 precise",
        "smooth flat centroid invariant resource",
        "sampler1D sampler1DShadow sampler2DRect sampler2DRectShadow sampler1DArray samplerBuffer",
        "sampler2DMS samplerCubeArray sampler3DRect sampler samplerShadow subpassInput",
        "image1D image2D image3D imageCube image2DRect imageBuffer image1DArray image2DArray image2DMS",
        "texture1D texture1DArray texture2DArray texture2DRect textureBuffer texture2DMS",
        "textureCubeArray",
        "common partition active asm class union enum typedef template this goto inline noinline",
        "public static extern external interface long short half fixed unsigned superp input output",
        "hvec2 hvec3 hvec4 fvec2 fvec3 fvec4 filter sizeof cast namespace using",
        "noise1 noise2 noise3 noise4 fma ldexp frexp bitCount bitfieldExtract bitfieldInsert",
        "bitfieldReverse findLSB findMSB uaddCarry usubBorrow umulExtended imulExtended",
        "interpolateAtCentroid interpolateAtSample interpolateAtOffset barrier ftransform",
        "textureGather textureQueryLod textureQueryLevels fwidthFine fwidthCoarse dFdxFine dFdyFine",
        "dFdxCoarse dFdyCoarse packUnorm4x8 unpackUnorm4x8 packSnorm4x8 unpackSnorm4x8",
        "packDouble2x32 unpackDouble2x32",
        "anyInvocation allInvocations memoryBarrier EmitVertex EndPrimitive",
        "imageLoad imageStore imageSize atomicAdd subpassLoad shadow1D shadow2D",
    )
)
"""Free names in the authors' GLSL that glslang 4.50 would read as something of its own."""

OLD_FUNCTIONS = {
    "texture2D": "texture",
    "texture2DLod": "textureLod",
    "texture2DLodEXT": "textureLod",
    "texture2DGrad": "textureGrad",
    "texture2DGradEXT": "textureGrad",
    "texture2DGradARB": "textureGrad",
    "texture2DProj": "textureProj",
    "texture2DProjLod": "textureProjLod",
    "texture2DProjLodEXT": "textureProjLod",
    "texture2DProjGradEXT": "textureProjGrad",
    "texture3D": "texture",
    "texture3DLod": "textureLod",
    "textureCube": "texture",
    "textureCubeLod": "textureLod",
    "textureCubeLodEXT": "textureLod",
    "textureCubeGradEXT": "textureGrad",
    "textureLodEXT": "textureLod",
    "textureGradEXT": "textureGrad",
}
"""Texture functions of GLSL ES 1.00 and its extensions, and what they are called today."""

STAGE_NAMES = {
    "gl_FragCoord": "ph_FragCoord",
    "gl_FragColor": "ph_FragColor",
    "gl_FragData": "ph_FragData",
    "gl_FragDepth": "ph_FragDepth",
    "gl_FragDepthEXT": "ph_FragDepth",
    "gl_FrontFacing": "ph_FrontFacing",
    "gl_PointCoord": "ph_PointCoord",
}
"""What the fragment stage offers the author, and the globals that stand for it."""

FOLDED_FUNCTIONS = frozenset(
    words(
        "radians degrees sin cos tan asin acos atan pow exp log exp2 log2 sqrt inversesqrt abs sign",
        "floor trunc round roundEven ceil fract mod min max clamp mix step smoothstep length distance",
        "dot cross normalize faceforward reflect refract outerProduct lessThan lessThanEqual",
        "greaterThan greaterThanEqual equal notEqual any all not isnan isinf defined",
    )
) | frozenset(VALUE_TYPES)
"""Functions whose value glslang works out for constant arguments (version 12), and constructors."""
