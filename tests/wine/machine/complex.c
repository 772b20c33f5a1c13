/* The functions of complex numbers that NumPy imports from ucrtbase.dll, of which Wine 8 has the names alone. Microsoft hands
   complex numbers over as structures, and its long double is a double. */
#include <complex.h>
#define EXPORTED(name) __declspec(dllexport) kam_##name

typedef struct { float re, im; } single;
typedef struct { double re, im; } twofold;

static double _Complex in(twofold z) { return __builtin_complex(z.re, z.im); }
static double _Complex in_single(single z) { return in((twofold){z.re, z.im}); }
static twofold out(double _Complex z) { return (twofold){creal(z), cimag(z)}; }
static single out_single(double _Complex z) { return (single){(float)creal(z), (float)cimag(z)}; }

#define TO_COMPLEX(name)                                                \
    twofold EXPORTED(name)(twofold z) { return out(name(in(z))); }      \
    twofold EXPORTED(name##l)(twofold z) { return out(name(in(z))); }   \
    single EXPORTED(name##f)(single z) { return out_single(name(in_single(z))); }
#define TO_REAL(name)                                                   \
    double EXPORTED(name)(twofold z) { return name(in(z)); }            \
    double EXPORTED(name##l)(twofold z) { return name(in(z)); }         \
    float EXPORTED(name##f)(single z) { return (float)name(in_single(z)); }

TO_COMPLEX(cacos) TO_COMPLEX(cacosh) TO_COMPLEX(casin) TO_COMPLEX(casinh) TO_COMPLEX(catan) TO_COMPLEX(catanh)
TO_COMPLEX(ccos) TO_COMPLEX(ccosh) TO_COMPLEX(cexp) TO_COMPLEX(clog) TO_COMPLEX(conj) TO_COMPLEX(csin)
TO_COMPLEX(csinh) TO_COMPLEX(csqrt) TO_COMPLEX(ctan) TO_COMPLEX(ctanh)
TO_REAL(cabs) TO_REAL(carg) TO_REAL(cimag) TO_REAL(creal)
twofold EXPORTED(cpow)(twofold z, twofold w) { return out(cpow(in(z), in(w))); }
twofold EXPORTED(cpowl)(twofold z, twofold w) { return out(cpow(in(z), in(w))); }
single EXPORTED(cpowf)(single z, single w) { return out_single(cpow(in_single(z), in_single(w))); }
