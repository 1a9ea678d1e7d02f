import Glibc
import TestSupport
import Testing

@testable import Linux

@Suite struct PathProbeTests {
    private let directory: TemporaryDirectory
    private let probe: PathProbe

    /// Its process answers unless there is a file `hang`.
    init() throws {
        directory = try TemporaryDirectory()
        let script = """
            #!/bin/sh
            while [ "$(dd bs=1 count=1 2>/dev/null | od -An -tx1)" ]; do
                while [ -e "$2/hang" ]; do sleep 0.01; done
                echo >&0
            done
            """
        try directory.write(script, to: "program")
        #expect(chmod(directory.path + "/program", 0o755) == 0)
        probe = PathProbe(place: directory.path, program: directory.path + "/program")
    }

    @Test(.timeLimit(.minutes(1))) func whatHangsIsWaitedForOnce() throws {
        #expect(probe.answers(within: 30) && probe.answers(within: 30))
        try directory.write("", to: "hang")
        #expect(!probe.answers(within: 0.05))
        // Known to hang.
        #expect(!probe.answers(within: 300))
        unlink(directory.path + "/hang")
        probe.wait()
        #expect(probe.answers(within: 30))
    }

    /// There is nothing to be said against the file system.
    @Test func withoutAProcessItIsTakenToAnswer() {
        #expect(PathProbe(place: "/", program: "/nowhere").answers(within: 30))
    }

    /// As in this process, which did not say that it serves.
    @Test func nothingIsProbedByAProgramThatDoesNotServe() {
        #expect(PathProbe("/") == nil && PathProbe.silence(at: "/", within: 0) == nil)
    }
}
