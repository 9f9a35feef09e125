use super::*;

const CALM: LinkQuality = LinkQuality {
    jitter: Some(Micros(0)),
    round_trip: None,
};

fn timing(buffer_depth: u16, starved: u32) -> Timing {
    Timing {
        buffer_depth,
        starved,
        dropped: 0,
        idle: false,
    }
}

#[test]
fn the_rate_is_never_more_than_five_percent_off() {
    let mut pace = Pace::new();
    for depth in [0, 12, u16::MAX, 0, 3] {
        for _ in 0..50 {
            pace.observe(Micros(1), timing(depth, 0), CALM, true);
            assert!(pace.rate_ppm.abs() <= SLEW_PPM_MAX);
            let nominal = STEP_NANOS as i64;
            let off = (pace.period() as i64 - nominal).abs();
            assert!(off * 100 <= nominal * 6, "{off}");
        }
    }
    assert_eq!(pace.rate_ppm, 0, "at its target nothing is slewed");
}

#[test]
fn a_second_has_sixty_steps_at_any_cadence() {
    for cadence in [1_000, 7_919, 16_667, 33_000, 100_000] {
        let mut pace = Pace::new();
        pace.start(Micros(0), 4);
        let calls = 10_000_000 / cadence;
        let steps: u64 = (0..=calls)
            .map(|call| pace.due_steps(Micros(call * cadence)).steps)
            .sum();
        let due = calls * cadence * 60 / 1_000_000 + 1;
        assert!(steps.abs_diff(due) <= 1, "{cadence}: {steps} of {due}");
    }
}

#[test]
fn a_stall_is_skipped_not_caught_up_with() {
    let mut pace = Pace::new();
    pace.start(Micros(0), 0);
    let first = pace.due_steps(Micros(0));
    assert_eq!(first.steps, u64::from(TARGET_START));
    let hidden = pace.due_steps(Micros(60_000_000));
    assert!(hidden.skipped);
    assert_eq!(hidden.steps, u64::from(TARGET_START));
    assert_eq!(pace.due_steps(Micros(60_000_000)).steps, 0);
    assert_eq!(pace.due_steps(Micros(60_016_667)).steps, 1);
}

/// However short or long the rest, the authority finds as many inputs as before it, and not many more.
#[test]
fn a_rest_leaves_the_buffer_as_it_was() {
    let mut pace = Pace::new();
    pace.observe(Micros(0), timing(3, 0), CALM, true);
    pace.start(Micros(0), 0);
    let mut now = 7_000;
    let mut steps = pace.due_steps(Micros(now)).steps;
    for rest in [1_000, 9_000, 20_000, 112_000, 40_000] {
        for _ in 0..100 {
            now += 7_000;
            steps += pace.due_steps(Micros(now)).steps;
        }
        now += rest;
        pace.resume(Micros(now));
        steps += pace.due_steps(Micros(now)).steps;
        let due = (now - 7_000) * 60 / 1_000_000 + u64::from(TARGET_MIN);
        assert!(
            (due..due + 6).contains(&steps),
            "{rest}: {steps} instead of {due}"
        );
    }
    now += 60_000_000;
    pace.resume(Micros(now));
    let brought = pace.due_steps(Micros(now)).steps;
    assert_eq!(brought, u64::from(TARGET_START));
}

#[test]
fn a_rest_before_the_first_step_leaves_out_none_of_the_start() {
    let mut pace = Pace::new();
    pace.start(Micros(0), 0);
    pace.resume(Micros(10_000));
    let brought = pace.due_steps(Micros(10_000)).steps;
    assert_eq!(brought, u64::from(TARGET_START));
}

/// The buffer as it is answers what the client did a round trip ago.
#[test]
fn the_buffer_does_not_swing_however_long_the_round_trip() {
    for trip_reports in 0..=16_usize {
        let link = LinkQuality {
            jitter: Some(Micros::from_millis(50)),
            round_trip: Some(Micros::from_millis(100 * trip_reports as u64)),
        };
        let mut pace = Pace::new();
        // In parts per million of an input; the buffer starts off by three.
        let mut depth = 7_000_000_i64;
        let mut on_its_way = alloc::collections::VecDeque::from(alloc::vec![0_i64; trip_reports]);
        let mut least = i64::MAX;
        for report in 0..300_u64 {
            let seen = (depth + 500_000).div_euclid(1_000_000) as u16;
            pace.observe(Micros(report * 100_000), timing(seen, 0), link, true);
            on_its_way.push_back(i64::from(pace.rate_ppm()) * 6);
            depth += on_its_way.pop_front().unwrap_or(0);
            least = least.min(depth);
        }
        let target = i64::from(pace.target()) * 1_000_000;
        assert!(
            (depth - target).abs() <= 1_500_000,
            "{trip_reports}: {depth} instead of {target}"
        );
        assert!(
            least >= target - 2_000_000,
            "{trip_reports}: down to {least}"
        );
    }
}

#[test]
fn starvation_raises_the_target_at_once_and_quiet_lowers_it_slowly() {
    let mut pace = Pace::new();
    pace.observe(Micros(1_000_000), timing(3, 0), CALM, true);
    assert_eq!(pace.target(), TARGET_MIN);
    for second in 2..20_u32 {
        let now = Micros(u64::from(second) * 1_000_000);
        pace.observe(now, timing(3, second), CALM, true);
    }
    let raised = pace.target();
    assert!(raised > TARGET_MIN && raised <= TARGET_MAX);
    for second in 20..29 {
        pace.observe(Micros(second * 1_000_000), timing(3, 19), CALM, true);
    }
    assert_eq!(pace.target(), raised);
    for second in 29..200 {
        pace.observe(Micros(second * 1_000_000), timing(3, 19), CALM, true);
    }
    assert_eq!(pace.target(), TARGET_MIN);
}
