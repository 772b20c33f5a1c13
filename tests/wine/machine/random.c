/* bcryptprimitives.dll, which Wine 8 lacks and whatever is written in Rust loads: random bytes, out of the system's own well. */
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG count); /* what Windows calls RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) { return SystemFunction036(bytes, (ULONG)count); }
