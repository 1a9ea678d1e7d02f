import CFuzzer
import FuzzTargets
import Glibc

/// `fuzz list`: the targets, one a line. `fuzz examples TARGET DIR`: writes the inputs that the search begins with.
/// `fuzz TARGET ...`: runs libFuzzer on the target, with its flags.
@main
enum Fuzz {
    /// libFuzzer calls a C function, which can have no context.
    nonisolated(unsafe) private static var target: FuzzTarget?

    static func main() {
        let arguments = CommandLine.arguments
        switch arguments.count > 1 ? arguments[1] : "list" {
        case "list":
            for target in FuzzTarget.all { print(target.name) }
        case "examples" where arguments.count == 4:
            let found = named(arguments[2])
            for (index, example) in found.examples().enumerated() {
                write(example, to: "\(arguments[3])/example-\(index)")
            }
        case let name:
            let target = named(name)
            self.target = target
            run(arguments[0], ["-max_len=\(target.largest)"] + arguments.dropFirst(2))
        }
    }

    private static func named(_ name: String) -> FuzzTarget {
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            fail("fuzz: no target '\(name)': `fuzz list` lists them", 64)
        }
        return target
    }

    private static func run(_ program: String, _ flags: [String]) {
        var words = ([program] + flags).map { strdup($0) } + [nil]
        let status = energyd_fuzz(Int32(words.count - 1), &words) { bytes, count in
            Fuzz.target?.run([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
            return 0
        }
        if status < 0 { fail("fuzz: built without libFuzzer: use `make fuzz`", 69) }
        exit(status)
    }

    private static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { fail("fuzz: \(path): \(String(cString: strerror(errno)))", 74) }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        let line = Array((message + "\n").utf8)
        _ = Glibc.write(STDERR_FILENO, line, line.count)
        exit(status)
    }
}
