import Glibc
import History

// history-writer PATH FIRST: writes minutes to a store as fast as it can, until it is killed, and prints the number
// of each once it is stored. Minute N uses N uJ of one zone; its mark says so. For the proof that a store survives that.
let arguments = CommandLine.arguments
guard arguments.count == 3, let first = Int64(arguments[2]) else {
    print("usage: history-writer PATH FIRST")
    exit(2)
}
let store = try HistoryStore(HistorySettings(path: arguments[1], bytes: 8 << 20))
for number in first... {
    var workload = HistoryWorkload(kind: "unit")
    workload.path = "/u\(number % 7).service"
    var usage = HistoryUsage(zones: 1)
    usage.energy[0].dynamic = number
    let period = HistoryPeriod(
        start: number * 60, seconds: 60, zones: [HistoryZone(name: "z", source: "rapl", quality: "measured")],
        factors: HistoryFactors(gramsPerKilowattHour: 1, pue: 1, source: "t"), usage: [workload: usage])
    try store.append(
        HistoryRecorder.Minute(period: period, mark: HistoryRecorder.Mark(epoch: 1, zones: ["z": number])))
    // At once: what a stream keeps in its buffer dies with the process.
    let line = Array("\(number)\n".utf8)
    _ = write(STDOUT_FILENO, line, line.count)
}
