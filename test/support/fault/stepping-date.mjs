// Loaded before the server: its wall clock steps an hour ahead on SIGUSR2, and two hours back on the next one.
const real = Date.now.bind(Date);
let offsetMs = 0;
let steps = 0;
Date.now = () => real() + offsetMs;
process.on('SIGUSR2', () => {
  steps += 1;
  offsetMs += steps % 2 === 1 ? 3_600_000 : -7_200_000;
});
