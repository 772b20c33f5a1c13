/* The python.exe that a virtual environment gets: starts the one that pyvenv.cfg beside or above it names as home, which learns by
   __PYVENV_LAUNCHER__ for whom, and by its own command line, what it is; in a job, so that it ends with this one; and ends with its
   exit code. */
#define _WIN32_WINNT 0x0601
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

enum { LENGTH = 2048, NO_HOME = 106, NO_START = 101 };

static BOOL WINAPI stay(DWORD event) { return TRUE; } /* Ctrl+C is for the Python below */

/* The value of the line "home = ..."; 0 where there is none. */
static int read_home(const wchar_t *cfg, wchar_t *home) {
    wchar_t line[LENGTH], key[64];
    FILE *file = _wfopen(cfg, L"rt, ccs=UTF-8");
    int found = 0;
    while (file && !found && fgetws(line, LENGTH, file))
        found = swscanf(line, L" %63ls = %2047l[^\r\n]", key, home) == 2 && !_wcsicmp(key, L"home");
    if (file) fclose(file);
    return found;
}

/* What stands on our command line behind our own name. */
static const wchar_t *arguments(void) {
    const wchar_t *line = GetCommandLineW();
    const wchar_t *end = *line == L'"' ? wcschr(line + 1, L'"') : wcspbrk(line, L" \t");
    return !end ? L"" : *end == L'"' ? end + 1 : end;
}

int wmain(void) {
    wchar_t self[LENGTH], folder[LENGTH], cfg[LENGTH], home[LENGTH], program[2 * LENGTH];
    GetModuleFileNameW(NULL, self, LENGTH);
    wcscpy(folder, self);
    int found = 0;
    for (int level = 0; level < 2 && !found; level++) {
        *wcsrchr(folder, L'\\') = 0;
        _snwprintf(cfg, LENGTH, L"%ls\\pyvenv.cfg", folder);
        found = read_home(cfg, home);
    }
    if (!found) return fwprintf(stderr, L"No pyvenv.cfg file\n"), NO_HOME;

    _snwprintf(program, 2 * LENGTH, L"%ls%ls", home, wcsrchr(self, L'\\'));
    SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", self);
    SetConsoleCtrlHandler(stay, TRUE);
    HANDLE job = CreateJobObjectW(NULL, NULL);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);

    size_t length = wcslen(program) + wcslen(arguments()) + 3;
    wchar_t *line = malloc(length * sizeof *line);
    _snwprintf(line, length, L"\"%ls\"%ls", program, arguments());
    STARTUPINFOW how;
    PROCESS_INFORMATION started;
    DWORD code = NO_START;
    GetStartupInfoW(&how);
    if (!CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &how, &started))
        return fwprintf(stderr, L"%ls does not start: %lu\n", program, GetLastError()), NO_START;
    AssignProcessToJobObject(job, started.hProcess);
    WaitForSingleObject(started.hProcess, INFINITE);
    GetExitCodeProcess(started.hProcess, &code);
    return code;
}
