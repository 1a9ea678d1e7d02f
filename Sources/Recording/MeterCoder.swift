import Attribution
import Metering
import Units

/// The form of what meters said in a recording. What a source shows of itself is written where it changed.
struct MeterCoder {
    typealias Malformed = RecordCoder.Malformed

    /// By kind.
    private var states: [String: RecordedMeter.State] = [:]

    mutating func meters(_ meters: inout [RecordedMeter], _ coder: inout RecordCoder) throws(Malformed) {
        try coder.list(&meters, blank: RecordedMeter()) { (coder, meter) throws(Malformed) in
            try coder.text(&meter.kind)
            var last = states[meter.kind] ?? RecordedMeter.State()
            try coder.list(&meter.openings, blank: .opened(last)) { (coder, opening) throws(Malformed) in
                try coder.opening(&opening, last: &last)
            }
            try coder.list(&meter.readings, blank: RecordedMeter.Reading()) { (coder, reading) throws(Malformed) in
                try coder.list(&reading.zones, blank: .blank) { (coder, zone) throws(Malformed) in
                    try coder.zoneReading(&zone)
                }
                try coder.state(&reading.state, last: &last)
            }
            states[meter.kind] = last
        }
    }
}

extension ZoneReading {
    fileprivate static var blank: ZoneReading { ZoneReading(zone: .blank, energy: .zero) }
}

extension Zone {
    fileprivate static var blank: Zone { Zone(ZoneID(.package), source: "", quality: .measured) }
}

extension RecordCoder {
    fileprivate mutating func opening(
        _ opening: inout RecordedMeter.Opening, last: inout RecordedMeter.State
    ) throws(Malformed) {
        var state = last
        var diagnosis = Diagnosis(.missing, "")
        var isOpen = true
        switch opening {
        case .opened(let opened): state = opened
        case .failed(let reason): (isOpen, diagnosis) = (false, reason)
        }
        try flag(&isOpen)
        if isOpen {
            try self.state(&state, last: &last)
            opening = .opened(state)
        } else {
            try self.diagnosis(&diagnosis)
            opening = .failed(diagnosis)
        }
    }

    private mutating func diagnosis(_ diagnosis: inout Diagnosis) throws(Malformed) {
        var (code, finding, remedy) = (diagnosis.code, diagnosis.finding, diagnosis.remedy)
        try named(&code)
        try text(&finding)
        try optional(&remedy, blank: "") { (coder, text) throws(Malformed) in try coder.text(&text) }
        diagnosis = Diagnosis(code, finding, remedy: remedy)
    }

    fileprivate mutating func state(
        _ state: inout RecordedMeter.State, last: inout RecordedMeter.State
    ) throws(Malformed) {
        try number(&state.health.reads, near: last.health.reads)
        try optional(&state.health.lastRead, blank: Seconds(0)) { (coder, time) throws(Malformed) in
            try coder.seconds(&time)
        }
        // These two change all the time, the rest rarely.
        (last.health.reads, last.health.lastRead) = (state.health.reads, state.health.lastRead)
        var isSame = state == last
        try flag(&isSame)
        if isSame {
            state = last
            return
        }
        try text(&state.name)
        try real(&state.interval)
        try number(&state.health.errors)
        try optional(&state.health.lastError, blank: "") { (coder, text) throws(Malformed) in try coder.text(&text) }
        try amounts(&state.health.events)
        try uncounted(&state.health.uncounted)
        try texts(&state.health.remarks)
        try list(&state.zones, blank: .blank) { (coder, zone) throws(Malformed) in try coder.zone(&zone) }
        var still = state.stillZones.sorted { $0.key < $1.key }.map { (zone: $0.key, finding: $0.value) }
        try list(&still, blank: (ZoneID(.package), "")) { (coder, pair) throws(Malformed) in
            try coder.zoneID(&pair.zone)
            try coder.text(&pair.finding)
        }
        if isReading { state.stillZones = Dictionary(still.map { ($0.zone, $0.finding) }) { $1 } }
        last = state
    }

    private mutating func uncounted(_ values: inout [ZoneID: UncountedEnergy]) throws(Malformed) {
        var pairs = values.sorted { $0.key < $1.key }.map { (zone: $0.key, energy: $0.value) }
        try list(&pairs, blank: (ZoneID(.package), UncountedEnergy())) { (coder, pair) throws(Malformed) in
            try coder.zoneID(&pair.zone)
            var (refused, lost) = (pair.energy.refused.count, pair.energy.lost.count)
            var time = pair.energy.lastTime ?? Seconds(0)
            try coder.number(&refused)
            try coder.number(&lost)
            try coder.seconds(&time)
            pair.energy = UncountedEnergy()
            pair.energy.add(refused: Microjoules(refused), lost: Microjoules(lost), at: time)
        }
        if isReading { values = Dictionary(pairs.map { ($0.zone, $0.energy) }) { $1 } }
    }

    private mutating func seconds(_ value: inout Seconds) throws(Malformed) {
        var number = value.value
        try real(&number)
        value = Seconds(number)
    }

    private mutating func zoneID(_ id: inout ZoneID) throws(Malformed) {
        var name = id.description
        try text(&name)
        guard let known = ZoneID(name) else { throw Malformed() }
        id = known
    }

    private mutating func zone(_ zone: inout Zone) throws(Malformed) {
        var (id, source, quality, method) = (zone.id, zone.source, zone.quality, zone.method)
        try zoneID(&id)
        try text(&source)
        try named(&quality)
        try named(&method)
        zone = Zone(id, source: source, quality: quality, method: method)
    }

    fileprivate mutating func zoneReading(_ reading: inout ZoneReading) throws(Malformed) {
        try zone(&reading.zone)
        var (energy, gap) = (reading.energy.count, reading.gapEnergy.count)
        try number(&energy)
        try number(&gap)
        (reading.energy, reading.gapEnergy) = (Microjoules(energy), Microjoules(gap))
        try optional(&reading.staticPower, blank: Watts(0)) { (coder, power) throws(Malformed) in
            var watts = power.value
            try coder.real(&watts)
            power = Watts(watts)
        }
        try optional(&reading.staticBand, blank: Watts(0)...Watts(0)) { (coder, band) throws(Malformed) in
            try coder.band(&band)
        }
        try optional(&reading.band, blank: Watts(0)...Watts(0)) { (coder, band) throws(Malformed) in
            try coder.band(&band)
        }
    }

    private mutating func band(_ band: inout ClosedRange<Watts>) throws(Malformed) {
        var (low, high) = (band.lowerBound.value, band.upperBound.value)
        try real(&low)
        try real(&high)
        guard low <= high else { throw Malformed() }
        band = Watts(low)...Watts(high)
    }
}
