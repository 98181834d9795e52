// SPDX-License-Identifier: GPL-2.0
/*
 * The hat behind the kernel's interfaces, for a virtual machine: GPIO lines with interrupts, the pilot's hardware PWM,
 * the converter on SPI and the display on I2C, and behind them what makes a hat of them: the one-shot on the heartbeat,
 * the window on the pilot, the contactor with its mirror contact, and a car. All of it is in /sys/kernel/debug/hat:
 * "car" (0 none, 1 plugged in, 2 asks for current) and the codes of the converter are written from outside; "state" and
 * "log" tell what the hat's outputs did, and when. For the kernels of Debian 12 (6.1) and 13 (6.12).
 */
#include <linux/debugfs.h>
#include <linux/gpio/driver.h>
#include <linux/hrtimer.h>
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/pwm.h>
#include <linux/random.h>
#include <linux/seq_file.h>
#include <linux/spi/spi.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define spi_alloc_host(device, size) spi_alloc_master(device, size)
#endif

#define PINS 58
#define TICK_NS (1 * NSEC_PER_MSEC)
#define HOLD_NS (100 * NSEC_PER_MSEC) /* the one-shot */
#define HIGH_NS (30 * NSEC_PER_MSEC) /* the window's upper comparator */
#define CAR_NS (500 * NSEC_PER_MSEC) /* the car, to answer the PWM or its end */
#define WIRE_NS (40 * NSEC_PER_MSEC) /* the contactor, to close or to open */
#define MAINS_NS (20 * NSEC_PER_MSEC)

/* hat_rev1.toml: the pins that the logic of the hat is about; a test holds them against it. */
#define C1_CMD 23
#define HEARTBEAT 25
#define WD_OK 14
#define SAFE 26
#define C1_FB 20
#define AUX_FB 21
#define RCM_TRIP 16
#define CP_HIGH 0
#define CP_LOW 1
#define CP_RAW 6

static u32 car, code[8], pilot_code[3], low_code, zero_code, lcd_fault;

/* ---- what happened: a ring of changes */
struct change {
	u64 ns;
	const char *what;
	u64 value;
};
#define CHANGES 8192
#define BYTES 65536
static struct change changes[CHANGES];
static u32 changed;
static u8 shown[BYTES]; /* what the display was sent */
static u32 sent;
static DEFINE_SPINLOCK(lock);

static void note(const char *what, u64 value)
{
	changes[changed++ % CHANGES] = (struct change){ ktime_get_ns(), what, value };
}

/* ---- the logic of the board */
static struct gpio_chip chip;
static DECLARE_BITMAP(output, PINS);
static DECLARE_BITMAP(driven, PINS);
static DECLARE_BITMAP(outside, PINS);
static DECLARE_BITMAP(wanted, PINS); /* interrupts */
static u64 beat_ns, beats, window_ns, answer_ns, contact_ns, period_ns = 1, duty_ns;
static bool pwm_on, contact, coil, s2;
static struct hrtimer timer;

static bool level(unsigned int pin)
{
	return test_bit(pin, output) ? test_bit(pin, driven) : test_bit(pin, outside);
}

/* Called with the lock; says whether the pin's interrupt is due. */
static bool set_outside(unsigned int pin, bool high)
{
	if (test_bit(pin, outside) == high)
		return false;
	__assign_bit(pin, outside, high);
	if (pin == WD_OK || pin == SAFE)
		note(pin == WD_OK ? "wd_ok" : "safe", high);
	if (pin == WD_OK && !high)
		note("last_beat", beat_ns);
	return !test_bit(pin, output) && test_bit(pin, wanted);
}

static u32 pilot(bool high_half)
{
	bool plus = !pwm_on || duty_ns == 0, minus = pwm_on && duty_ns >= period_ns;

	if (high_half)
		return minus ? low_code : pilot_code[s2 ? 2 : min(car, 1U)];
	return plus ? zero_code : low_code;
}

static enum hrtimer_restart tick(struct hrtimer *hrtimer)
{
	static const unsigned int inputs[] = { WD_OK, SAFE, C1_FB, AUX_FB, RCM_TRIP };
	bool minus, alive, inside, levels[ARRAY_SIZE(inputs)], due[ARRAY_SIZE(inputs)];
	u64 now = ktime_get_ns();
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&lock, flags);
	minus = pwm_on && duty_ns >= period_ns;
	if (s2 == (car == 2 && pwm_on && duty_ns && !minus))
		answer_ns = now;
	else if (now - answer_ns >= CAR_NS || car != 2)
		s2 = !s2;
	alive = beat_ns && now - beat_ns < HOLD_NS;
	if (s2 && !minus)
		window_ns = now;
	inside = s2 ? !minus : window_ns && now - window_ns < HIGH_NS;
	if (coil != (alive && inside && level(C1_CMD))) {
		coil = !coil;
		contact_ns = now;
		note("coil", coil);
	}
	if (contact != coil && now - contact_ns >= WIRE_NS) {
		contact = coil;
		note("contact", contact);
	}
	levels[0] = alive;
	levels[1] = alive && inside;
	levels[2] = !(coil && now % MAINS_NS < MAINS_NS / 2);
	levels[3] = !contact;
	levels[4] = false;
	for (i = 0; i < ARRAY_SIZE(inputs); i++)
		due[i] = set_outside(inputs[i], levels[i]);
	spin_unlock_irqrestore(&lock, flags);
	for (i = 0; i < ARRAY_SIZE(inputs); i++)
		if (due[i])
			generic_handle_domain_irq(chip.irq.domain, inputs[i]);
	hrtimer_forward_now(hrtimer, ns_to_ktime(TICK_NS));
	return HRTIMER_RESTART;
}

/* ---- GPIO */
static void pin_set(struct gpio_chip *gc, unsigned int pin, int high)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	if (pin == HEARTBEAT && high && !test_bit(pin, driven)) {
		beat_ns = ktime_get_ns();
		beats++;
	}
	if (pin == C1_CMD && test_bit(pin, driven) != !!high)
		note("c1_cmd", !!high);
	__assign_bit(pin, driven, high);
	spin_unlock_irqrestore(&lock, flags);
}
static int pin_get(struct gpio_chip *gc, unsigned int pin) { return level(pin); }
static int pin_direction(struct gpio_chip *gc, unsigned int pin) { return !test_bit(pin, output); }
static int pin_input(struct gpio_chip *gc, unsigned int pin) { clear_bit(pin, output); return 0; }
static int pin_output(struct gpio_chip *gc, unsigned int pin, int high)
{
	pin_set(gc, pin, high);
	set_bit(pin, output);
	return 0;
}
/* Pulls: the board has its own. */
static int pin_config(struct gpio_chip *gc, unsigned int pin, unsigned long config) { return 0; }
static void irq_off(struct irq_data *data)
{
	clear_bit(irqd_to_hwirq(data), wanted);
	gpiochip_disable_irq(&chip, irqd_to_hwirq(data));
}
static void irq_on(struct irq_data *data)
{
	gpiochip_enable_irq(&chip, irqd_to_hwirq(data));
	set_bit(irqd_to_hwirq(data), wanted);
}
static int irq_type(struct irq_data *data, unsigned int type) { return type & IRQ_TYPE_LEVEL_MASK ? -EINVAL : 0; }
static const struct irq_chip irq_chip = {
	.name = "hat",
	.irq_mask = irq_off,
	.irq_unmask = irq_on,
	.irq_set_type = irq_type,
	.flags = IRQCHIP_IMMUTABLE,
	GPIOCHIP_IRQ_RESOURCE_HELPERS,
};
static struct gpio_chip chip = {
	.label = "pinctrl-bcm2711",
	.owner = THIS_MODULE,
	.base = -1,
	.ngpio = PINS,
	.set = pin_set,
	.get = pin_get,
	.get_direction = pin_direction,
	.direction_input = pin_input,
	.direction_output = pin_output,
	.set_config = pin_config,
};

/* ---- I2C: the display's port expander, which takes every byte */
static int i2c_transfer_all(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	int i, j;

	for (i = 0; i < count; i++) {
		if (messages[i].addr != 0x27 || lcd_fault)
			return -ENXIO;
		for (j = 0; j < messages[i].len; j++) {
			if (messages[i].flags & I2C_M_RD)
				messages[i].buf[j] = 0xff;
			else
				shown[sent++ % BYTES] = messages[i].buf[j];
		}
	}
	return count;
}
static u32 i2c_can(struct i2c_adapter *adapter) { return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL; }
static const struct i2c_algorithm i2c_way = { .master_xfer = i2c_transfer_all, .functionality = i2c_can };
static struct i2c_adapter i2c = { .owner = THIS_MODULE, .name = "hat", .algo = &i2c_way, .nr = 1 };

/* ---- SPI: a MCP3208, figure 6-1 of its data sheet */
static int spi_one(struct spi_controller *host, struct spi_device *device, struct spi_transfer *transfer)
{
	const u8 *tx = transfer->tx_buf;
	u8 *rx = transfer->rx_buf;
	unsigned int channel;
	u32 value;

	if (!tx || !rx || transfer->len != 3)
		return -EINVAL;
	channel = (tx[0] & 1) << 2 | tx[1] >> 6;
	value = channel == CP_LOW ? pilot(false) : channel == CP_HIGH || channel == CP_RAW ? pilot(true) : code[channel];
	value += get_random_u32() & 1; /* a living converter is never quite still */
	rx[0] = 0;
	rx[1] = value >> 8 & 0x0f;
	rx[2] = value;
	return 0;
}
static void spi_select(struct spi_device *device, bool on) { }
/* "ltc2488" is a name that spidev takes for its own. */
static struct spi_board_info converter = { .modalias = "ltc2488", .max_speed_hz = 1000000 };

/* ---- PWM */
static int pwm_set(struct pwm_chip *of, struct pwm_device *device, const struct pwm_state *state)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	if (device->hwpwm == 0) {
		if (duty_ns != state->duty_cycle || pwm_on != state->enabled)
			note("pwm_low_ns", state->enabled ? state->period - state->duty_cycle : state->period);
		period_ns = state->period ?: 1;
		duty_ns = state->duty_cycle;
		pwm_on = state->enabled;
	}
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}
static const struct pwm_ops pwm_way = {
	.apply = pwm_set,
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	.owner = THIS_MODULE,
#endif
};

/* ---- what is seen from outside */
static int state_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "{\"c1\": %d, \"coil\": %d, \"c1_cmd\": %d, \"wd_ok\": %d, \"safe\": %d, \"beats\": %llu,",
		   contact, coil, level(C1_CMD), level(WD_OK), level(SAFE), beats);
	seq_printf(file, " \"duty_permille\": %llu, \"now_ns\": %llu, \"lcd_bytes\": %u}\n",
		   pwm_on ? (period_ns - duty_ns) * 1000 / period_ns : 1000, ktime_get_ns(), sent);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int log_show(struct seq_file *file, void *unused)
{
	u32 i;

	for (i = changed > CHANGES ? changed - CHANGES : 0; i < changed; i++) {
		struct change *at = &changes[i % CHANGES];

		seq_printf(file, "%llu %s %llu\n", at->ns, at->what, at->value);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(log);

static int shown_show(struct seq_file *file, void *unused)
{
	u32 i;

	for (i = sent > BYTES ? sent - BYTES : 0; i < sent; i++)
		seq_printf(file, "%02x", shown[i % BYTES]);
	seq_putc(file, '\n');
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(shown);

static struct dentry *folder;

static void files(void)
{
	static const char *const pilots[] = { "pilot_a", "pilot_b", "pilot_c" };
	char name[8];
	int i;

	folder = debugfs_create_dir("hat", NULL);
	debugfs_create_u32("car", 0644, folder, &car);
	debugfs_create_u32("lcd_fault", 0644, folder, &lcd_fault);
	debugfs_create_u32("low", 0644, folder, &low_code);
	debugfs_create_u32("zero", 0644, folder, &zero_code);
	for (i = 0; i < 3; i++)
		debugfs_create_u32(pilots[i], 0644, folder, &pilot_code[i]);
	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "ch%d", i);
		debugfs_create_u32(name, 0644, folder, &code[i]);
	}
	debugfs_create_file("state", 0444, folder, NULL, &state_fops);
	debugfs_create_file("log", 0444, folder, NULL, &log_fops);
	debugfs_create_file("shown", 0444, folder, NULL, &shown_fops);
}

/* ---- the device; its name is that of a Raspberry Pi 4's first PWM, by which the PWM is found */
static int probe(struct platform_device *device)
{
	struct spi_controller *host;
	int error;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
	struct pwm_chip *pwm = devm_kzalloc(&device->dev, sizeof(*pwm), GFP_KERNEL);

	if (!pwm)
		return -ENOMEM;
	pwm->dev = &device->dev;
	pwm->npwm = 2;
#else
	struct pwm_chip *pwm = devm_pwmchip_alloc(&device->dev, 2, 0);

	if (IS_ERR(pwm))
		return PTR_ERR(pwm);
#endif
	pwm->ops = &pwm_way;
	error = devm_pwmchip_add(&device->dev, pwm);
	if (error)
		return error;
	chip.parent = &device->dev;
	gpio_irq_chip_set_chip(&chip.irq, &irq_chip);
	chip.irq.handler = handle_simple_irq;
	chip.irq.default_type = IRQ_TYPE_NONE;
	error = devm_gpiochip_add_data(&device->dev, &chip, NULL);
	if (error)
		return error;
	i2c.dev.parent = &device->dev;
	error = i2c_add_numbered_adapter(&i2c);
	if (error)
		return error;
	host = spi_alloc_host(&device->dev, 0);
	if (!host)
		return -ENOMEM;
	host->bus_num = 0;
	host->num_chipselect = 2;
	host->mode_bits = SPI_CPOL | SPI_CPHA;
	host->transfer_one = spi_one;
	host->set_cs = spi_select;
	error = devm_spi_register_controller(&device->dev, host);
	if (error)
		return error;
	return spi_new_device(host, &converter) ? 0 : -ENODEV;
}
static struct platform_driver driver = { .probe = probe, .driver = { .name = "fe20c000.pwm" } };
static int __init hat_start(void)
{
	struct platform_device *device;
	int error, pin;

	for (pin = 2; pin < 9; pin++) /* the keys' pulls */
		__set_bit(pin, outside);
	__set_bit(C1_FB, outside);
	__set_bit(AUX_FB, outside);
	files();
	error = platform_driver_register(&driver);
	if (error)
		return error;
	device = platform_device_register_simple("fe20c000.pwm", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer.function = tick;
	hrtimer_start(&timer, ns_to_ktime(TICK_NS), HRTIMER_MODE_REL);
	return 0;
}
module_init(hat_start); /* it stays until the machine ends */
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("smartevse hat for virtual machines");
