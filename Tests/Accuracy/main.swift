import Attribution
import Glibc

// accuracy [MARKDOWN FILE]: measures attribution and estimate against recordings; see `make accuracy`.

func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

func complain(_ text: String) {
    let line = Array("accuracy: \(text)\n".utf8)
    _ = Glibc.write(STDERR_FILENO, line, line.count)
}

func write(_ text: String, to path: String) throws(Failure) {
    guard let file = fopen(path, "w") else { throw Failure("\(path): \(String(cString: strerror(errno)))") }
    let written = fputs(text, file)
    guard fclose(file) == 0, written >= 0 else { throw Failure("\(path): could not be written") }
}

func figures(of machine: Machine) -> Report.MachineFigures {
    let colocation = Colocation(machine: machine)
    let plain = Colocation(machine: machine, countsHardware: false)
    let unaided = Colocation(machine: machine, knowsIdle: false)
    let histories = Colocation.History.allCases
    var figures = Report.MachineFigures(
        name: machine.name, workloads: machine.traces.count,
        plain: Dictionary(uniqueKeysWithValues: histories.map { ($0, plain.score(.automatic, $0)) }),
        unaided: Dictionary(uniqueKeysWithValues: histories.map { ($0, unaided.score(.automatic, $0)) }),
        unaidedTime: Dictionary(uniqueKeysWithValues: histories.map { ($0, unaided.score(.cpuTime, $0)) }),
        oracleCommon: colocation.oracle(common: true),
        oracleOwn: colocation.oracle(common: false))
    for method in AttributionMethod.allCases {
        for history in histories {
            figures.scores[method, default: [:]][history] = colocation.score(method, history)
        }
    }
    return figures
}

func figures(of curve: LoadCurve, among curves: [LoadCurve]) -> Report.CPUFigures {
    let others = curves.filter { $0.cpu.name != curve.cpu.name }
    return Report.CPUFigures(
        curve: curve, basis: CPUPowerProfile(for: curve.cpu).basis.rawValue, package: .package(curve),
        unseen: LoadCurve.calibration(from: others).map { .unseenPackage(curve, calibration: $0) },
        memory: .memory(curve), unseenMemory: .memory(curve, isSeen: false))
}

do {
    let data = "../shared/data"
    var report = Report()
    var missing: [String] = []
    let traces = environment("TRACES") ?? "\(data)/colocation"
    if access(traces, R_OK) == 0 {
        report.machines = try Machine.all(in: traces).map(figures(of:))
    } else {
        missing.append("no recordings of workloads at \(traces): set TRACES to a folder of MACHINE/WORKLOAD.csv")
    }
    let path = environment("CURVES") ?? "\(data)/load-curves/bare-metal-rapl.csv"
    if access(path, R_OK) == 0 {
        let curves = try LoadCurve.all(in: path)
        report.processors = curves.map { figures(of: $0, among: curves) }
    } else {
        missing.append("no load curves at \(path): set CURVES to a file of measured watts by load")
    }
    for line in missing { complain(line) }
    guard missing.count < 2 else { exit(1) }
    print(report.markdown)
    if let json = environment("JSON") { try write(report.json, to: json) }
    if CommandLine.arguments.count > 1 {
        guard missing.isEmpty else { throw Failure("\(CommandLine.arguments[1]) is not written: figures are missing") }
        try write(report.markdown, to: CommandLine.arguments[1])
    }
} catch {
    complain("\(error)")
    exit(1)
}
