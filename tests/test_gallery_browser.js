drawing => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
    const context = canvas.getContext('2d', {willReadFrequently: true});
    const paint = (colour, opacity) => {
        context.globalAlpha = opacity;
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
    };
    const read = () => [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map(channel => channel / 255);
    drawing.scrollIntoView({block: 'center'});
    return [...drawing.querySelectorAll('text')].filter(text => text.textContent.trim()).map(text => {
        const box = text.getBoundingClientRect();
        const under = document.elementsFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
        paint(getComputedStyle(document.body).backgroundColor, 1);
        for (const mark of under.reverse()) {
            const style = getComputedStyle(mark);
            if (mark instanceof SVGElement ? !/^(svg|text|tspan)$/.test(mark.tagName) : mark !== document.body) {
                const colour = mark instanceof SVGElement ? style.fill : style.backgroundColor;
                if (colour !== 'none' && !colour.startsWith('url')) paint(colour, style.opacity * style.fillOpacity);
            }
        }
        const ground = read();
        paint(getComputedStyle(text).fill, 1);
        return [text.textContent, read(), ground];
    });
}
